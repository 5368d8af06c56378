import { definitions, entryOf, mappingsOf } from '@command-center/contract/catalogue/catalogue';
import type { Mapping, Selector } from '@command-center/contract/catalogue/entry';
import { exampleFile } from '@command-center/contract/contractFile/example';
import { type LabelDefinition, labelKeys, labelRegistry } from '@command-center/contract/labels';
import { reasonCodes, reasons } from '@command-center/contract/reasons';
import { retentionDays } from '@command-center/contract/retention';
import { probeRoutes } from '@command-center/contract/routes';
import { probePolicy, services } from '@command-center/contract/services';
import { minRatioEvents, thresholdNames, thresholds, thresholdVariable } from '@command-center/contract/thresholds';
import { code, notice, table } from './table.ts';

function formWords({ form }: LabelDefinition): string {
  switch (form.type) {
    case 'listed':
      return `${form.values.join(', ')}; others \`_OTHER\``;
    case 'statusCode':
      return '100-599; others `_OTHER`';
    case 'route':
      return 'a template; others `_OTHER`';
    case 'true':
      return 'true';
    case 'identifier':
      return 'text of at most 120 characters, redacted';
  }
}

function selectorWords(selector: Selector): string {
  if (selector.equals !== undefined) return `${code(selector.key)} is ${selector.equals}`;
  if (selector.atLeast !== undefined) return `${code(selector.key)} from ${selector.atLeast} on`;
  return `${code(selector.key)} ${selector.present === false ? 'absent' : 'present'}`;
}

/** A name as senders write it, with what it takes of its points. */
function sourceWords(mapping: Mapping): string {
  const parts = [
    mapping.field === 'count' ? 'its count' : '',
    mapping.unit !== mapping.target.unit && mapping.field === 'value' ? mapping.unit : '',
    ...mapping.selectors.map(selectorWords),
    ...Object.entries(mapping.fixedLabels).map(([key, value]) => `${code(key)} = ${value}`),
  ].filter((part) => part !== '' && !part.startsWith('{'));
  return parts.length === 0 ? code(mapping.incoming) : `${code(mapping.incoming)} (${parts.join(', ')})`;
}

function metricRow(name: string): string[] {
  const entry = entryOf(name);
  if (entry === undefined) return [];
  const definition = definitions.find((each) => each.name === name);
  const incoming = new Set(definition?.sources.flatMap((source) => source.instrument.names.map((each) => each.name)));
  const sources = [...incoming]
    .flatMap((each) => mappingsOf(each).filter((mapping) => mapping.target.name === name))
    .toSorted((a, b) => a.instrumentRank - b.instrumentRank || a.nameRank - b.nameRank);
  const merge = entry.kind === 'gauge' ? `gauge, ${entry.merge}` : entry.kind;
  const labels = entry.labels.slice(2).map(code).join(', ');
  return [code(name), merge, entry.unit, entry.signal, labels, sources.map(sourceWords).join('; '), entry.description];
}

function metricsTable(): string {
  const head = ['metric', 'kind', 'unit', 'signal', 'labels', 'read from, best first', 'meaning'];
  return table(
    head,
    definitions.map((definition) => metricRow(definition.name)),
  );
}

function labelsTable(): string {
  const rows = labelKeys.map((key) => [code(key), formWords(labelRegistry[key]), labelRegistry[key].meaning]);
  return table(['label', 'values', 'meaning'], rows);
}

function thresholdsTable(): string {
  const rows = thresholdNames.map((name) => {
    const { signal, unit, warn, crit, isLowerWorse } = thresholds[name];
    const words = unit.startsWith('{') ? '' : ` ${unit}`;
    return [
      signal,
      `${isLowerWorse ? 'at or below' : 'from'} ${warn}${words}`,
      `${isLowerWorse ? 'below' : 'above'} ${crit}${words}`,
      `${code(thresholdVariable(name, 'warn'))}, ${code(thresholdVariable(name, 'crit'))}`,
    ];
  });
  return table(['signal', 'yellow', 'red', 'variables'], rows);
}

function reasonsTable(): string {
  const rows = reasonCodes.map((reason) => {
    const { effect, actor, isRetryable, grpcCode, httpStatus, text } = reasons[reason];
    const status = effect === 'refuses' ? `${httpStatus} / ${grpcCode}${isRetryable ? ', retried' : ''}` : '';
    return [code(reason), effect, status, actor, text];
  });
  return table(['reason', 'effect', 'HTTP / gRPC', 'who acts', 'meaning and remedy'], rows);
}

/** docs/contract.md */
export function contractPage(): string {
  return `${notice}

# The observability contract

What is kept of incoming telemetry, under which name, and when it is bad. Nothing is kept longer than ${retentionDays} days.

## Metrics

Metrics outside this table are dropped and counted by name; the intake page lists them. Every metric keeps \`service.name\`
and \`deployment.environment.name\` beside the labels named here. Where several names or instruments report one metric, one
counts: old and new names are chosen per resource, different instruments per service.

${metricsTable()}

## Labels

Only these keys are kept, after older semantic-convention names are read as the stable ones.

${labelsTable()}

Routes of probes (${probeRoutes.map(code).join(', ')}) are stored, and left out of vital signs and top lists unless asked for.

## Thresholds

A ratio takes a colour only from ${minRatioEvents} events in its window. A percentile whose buckets are so wide that it
may be green as well as red takes none, and says so ([decision 22](adr/0022-what-may-be-green-as-well-as-red-has-no-colour.md)).

${thresholdsTable()}

## Services

${table(
  ['id', 'name', 'healthy when'],
  services.map(({ id, name, healthyWhen }) => [code(id), name, healthyWhen]),
)}

The leading sidecar probes every ${probePolicy.intervalMs / 1000} s what \`COMMAND_CENTER_PROBE_*\` names: GET (2xx is fine, redirects are not followed), SELECT 1, PING and
HeadBucket, each over a connection of its own and with ${probePolicy.timeoutMs / 1000} s to answer. HeadBucket is signed with the credentials that the AWS SDK
finds by itself (environment, profile, role). A failed probe is \`down\`; an answer beside a metric that is red, silent or never
came is \`degraded\`; silence without a probe, and nothing heard at all, is \`unknown\`; a probe without its variable is
\`unconfigured\`. A status changes when ${probePolicy.probesForChange} findings in a row say so, and a change is written at once.

## A file of your own

\`COMMAND_CENTER_CONTRACT\` names a YAML file that adds to the above or changes it. The sidecar and the API read it at their
start; a mistake in it stops the start with its line, its key and what is allowed. Labels can be chosen from the table above
and not added to it, and what is forbidden stays forbidden. Kind and unit of a built-in metric stay as they are, since what
is stored already has them. Thresholds are variables, not part of the file.

\`\`\`yaml
${exampleFile}\`\`\`

Conditions of a service are \`probe\` (with \`probe\`: http, postgres, valkey or s3, \`optional\`, and of http a \`url\` in place of the variable), \`fresh\`, \`moving\`,
\`above_zero\`, \`threshold\` (with the name of a threshold's variables, such as \`OTEL_QUEUE\`) and \`any_telemetry\`. A metric
may be given by any of its names. \`signed: true\` lets the values of a histogram be below zero.

## Reasons

Every refusal, rejection and drop has one of these codes, in answers, counters and \`telemetry_intake\` alike.

${reasonsTable()}
`;
}
