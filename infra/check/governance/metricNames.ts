import { catalogue, definitions } from '@command-center/contract/catalogue/catalogue';
import { labelKeys } from '@command-center/contract/labels';
import { metricRows } from '@command-center/sidecar/operate/metricRows';
import { prometheusName } from '@command-center/sidecar/operate/prometheus';
import { otherMetrics } from '../exceptions.ts';
import type { Finding } from '../finding.ts';
import { filesLike, linesOf, type TextFile } from './files.ts';

const named =
  /^(README|CONTRIBUTING|SECURITY)\.md$|^docs\/.*\.md$|^infra\/collector\/.*\.ya?ml$|^infra\/grafana\/.*\.json$/;

const sentNames = definitions.flatMap(({ sources }) =>
  sources.flatMap(({ instrument }) => instrument.names.map(({ name }) => name)),
);
const ownNames = Object.values(metricRows).flatMap((row) => {
  const inPrometheus = prometheusName(row);
  return [row.name, inPrometheus, ...['bucket', 'sum', 'count'].map((part) => `${inPrometheus}_${part}`)];
});
const known = new Set([...catalogue.map(({ name }) => name), ...sentNames, ...ownNames]);

/** What else begins like a metric. */
const labels = new Set<string>(labelKeys);

/**
 * What a metric's name begins with: `kaiku_`, and of names with dots their first two words, so that `process.pid`, an attribute, is none. Of our own
 * the sidecar's prefix: roles and tables begin with `command_center` too.
 */
const beginnings = new Set(
  [...known].map((name) => {
    if (/^command_center[._]/.test(name))
      return name.includes('.') ? 'command_center.sidecar' : 'command_center_sidecar';
    const [first = '', second] = name.split('.');
    return second === undefined ? first.split('_', 1)[0] : `${first}.${second}`;
  }),
);
const separators = /[._]/;
const candidates = new RegExp(
  `(?<![\\w./-])(?:${[...beginnings].map((each = '') => each.replaceAll('.', '\\.')).join('|')})[._][a-zA-Z0-9_.]*\\*?`,
  'g',
);

/** `kaiku_http_*` and `otelcol_exporter_` mean every metric that begins so. */
function isKnown(written: string): boolean {
  const name = written.replace(/\*$/, '').replace(/\.$/, '');
  if (known.has(name) || labels.has(name) || Object.hasOwn(otherMetrics, name)) return true;
  const isPrefix = written.endsWith('*') || separators.test(written.at(-1) ?? '');
  return isPrefix && [...known].some((each) => each.startsWith(name));
}

/** Metrics that documents, collector configurations and dashboards name and that nobody keeps or sends. What a receiver is told to leave out may be named. */
export function unknownMetrics(files: readonly TextFile[] = filesLike(named)): Finding[] {
  return linesOf(files).flatMap(({ where, line }) =>
    /\benabled: false\b/.test(line)
      ? []
      : [...line.matchAll(candidates)]
          .map(([name]) => name)
          .filter((name) => !isKnown(name))
          .map((name) => ({ where, what: `${name} is no metric of the contract or the sidecar` })),
  );
}

/** Metrics of the contract and the sidecar that their page leaves out. */
export function undocumentedMetrics(
  contractPage: string = filesLike(/^docs\/contract\.md$/)[0]?.text ?? '',
  metricsPage: string = filesLike(/^docs\/metrics\.md$/)[0]?.text ?? '',
): Finding[] {
  const missing = (names: readonly string[], page: string, where: string): Finding[] =>
    names.filter((name) => !page.includes(`\`${name}\``)).map((name) => ({ where, what: `does not have ${name}` }));
  return [
    ...missing([...catalogue.map(({ name }) => name), ...sentNames], contractPage, 'docs/contract.md'),
    ...missing(
      Object.values(metricRows).map(({ name }) => name),
      metricsPage,
      'docs/metrics.md',
    ),
  ];
}
