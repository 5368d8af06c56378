import { canonicalName, definitions } from '@command-center/contract/catalogue/catalogue';
import { settingRows } from '@command-center/contract/settings/settings';
import { metricRows } from '@command-center/sidecar/operate/metricRows';
import { prometheusName } from '@command-center/sidecar/operate/prometheus';
import { otherMetrics, otherVariables } from './exceptions.ts';
import type { Finding } from './finding.ts';
import { textOf, treeOf } from './tree.ts';

/** What documents, configurations and code name is the same thing, and each thing is named. */

const isDocument = (path: string): boolean => /^(README|CONTRIBUTING|SECURITY)\.md$|^docs\/.*\.md$/.test(path);
const texts = (isWanted: (path: string) => boolean): Record<string, string> =>
  Object.fromEntries(
    treeOf()
      .files.filter(isWanted)
      .map((path) => [path, textOf(path)]),
  );

const metricPattern =
  /\b(kaiku_[a-z0-9_]*[a-z0-9]|otelcol_[a-z0-9_]*[a-z0-9]|command_center_sidecar_[a-z0-9_]*[a-z0-9]|command_center\.sidecar\.[a-z_.]*[a-z])\b(?![*.]?\*)/g;

/** Metrics that documents, collector configurations and dashboards name, and that neither the contract nor the sidecar has. */
export function unknownMetrics(
  files: Readonly<Record<string, string>> = texts(
    (path) => isDocument(path) || /^infra\/(collector|grafana)\//.test(path),
  ),
): Finding[] {
  const rows = Object.values(metricRows);
  const own = new Set(
    rows.flatMap((row) => [
      row.name,
      ...['', '_bucket', '_sum', '_count'].map((suffix) => `${prometheusName(row)}${suffix}`),
    ]),
  );
  const isKnown = (name: string): boolean =>
    own.has(name) || canonicalName(name) !== undefined || Object.hasOwn(otherMetrics, name);
  return found(files, metricPattern, isKnown, (name) => `there is no metric ${name}`);
}

/** Metrics of the contract and of the sidecar that no document names. */
export function undocumentedMetrics(text: string = textOf('docs/contract.md') + textOf('docs/metrics.md')): Finding[] {
  const names = [...definitions.map(({ name }) => name), ...Object.values(metricRows).map(({ name }) => name)];
  return names
    .filter((name) => !text.includes(`\`${name}\``))
    .map((name) => ({ where: 'docs', what: `no page names the metric ${name}` }));
}

/** Variables that our programs, tests and configurations read, and that neither a document nor the head of their own file explains. */
export function undocumentedVariables(
  files: Readonly<Record<string, string>> = texts(
    (path) =>
      /^(infra|tests|\.ci|sidecar|api|drizzle)\//.test(path) && /\.(ts|ya?ml|mjs)$|^\.ci\/run$|\.example$/.test(path),
  ),
  documents: string = Object.values(texts((path) => isDocument(path) || path.endsWith('.example'))).join('\n'),
): Finding[] {
  const known = new Set(settingRows.map(({ name }) => name));
  return Object.entries(files).flatMap(([path, text]) => {
    const head = text.slice(0, text.search(/^(?!\s*(#|$))/m));
    // `${X:-default}` is Compose's; elsewhere it is a template string.
    const ofCompose = /\.ya?ml$/.test(path) ? [...text.matchAll(/\$\{([A-Z][A-Z0-9_]+):[?-]/g)] : [];
    const named = text.matchAll(/process\.env\.([A-Z][A-Z0-9_]+)|\$\{env:([A-Z][A-Z0-9_]+)/g);
    const read = [...ofCompose, ...named].map(([, a, b]) => a ?? b ?? '');
    return [...new Set(read)]
      .filter((name) => !known.has(name) && !Object.hasOwn(otherVariables, name))
      .filter((name) => !new RegExp(`\\b${name}\\b`).test(documents) && !new RegExp(`\\b${name}\\b`).test(head))
      .map((name) => ({ where: path, what: `reads ${name}, which no document and not its own head explains` }));
  });
}

/** Paths of endpoints that documents name and no API page has. */
export function unknownEndpoints(
  files: Readonly<Record<string, string>> = texts(isDocument),
  reference: string = textOf('docs/api.md'),
): Finding[] {
  const isKnown = (path: string): boolean => reference.includes(path.replace(/[.,]$/, ''));
  return found(
    files,
    /(?<![\w.])\/api\/admin\/observability(?:\/[a-z-]+)+/g,
    isKnown,
    (path) => `there is no endpoint ${path}`,
  );
}

/** Feature flags without an entry in the roadmap, and the other way round. */
export function unplannedFlags(roadmap: string = textOf('docs/roadmap.md')): Finding[] {
  const flags = settingRows.filter(({ isPlanned }) => isPlanned).map(({ name }) => name);
  const named = [...roadmap.matchAll(/COMMAND_CENTER_FEATURE_\w+/g)].map(([name]) => name);
  return [
    ...flags
      .filter((name) => !named.includes(name))
      .map((name) => ({ where: 'docs/roadmap.md', what: `has no entry for ${name}` })),
    ...named
      .filter((name) => !flags.includes(name))
      .map((name) => ({ where: 'docs/roadmap.md', what: `plans ${name}, which is no flag any more` })),
  ];
}

function found(
  files: Readonly<Record<string, string>>,
  pattern: RegExp,
  isKnown: (name: string) => boolean,
  words: (name: string) => string,
): Finding[] {
  return Object.entries(files).flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index) =>
      [...line.matchAll(pattern)]
        .map(([name]) => name)
        .filter((name) => !isKnown(name))
        .map((name) => ({ where: `${path}:${index + 1}`, what: words(name) })),
    ),
  );
}
