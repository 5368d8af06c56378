import { defaultCatalogue } from '../catalogue/catalogue.ts';
import type { CatalogueEntry } from '../catalogue/entry.ts';
import { isConvertible, knownUnits } from '../catalogue/units.ts';
import { enumerated, isLabelKey, labelKeys } from '../labels.ts';
import { isForbiddenKey } from '../redaction/forbiddenKeys.ts';
import { identifier } from '../redaction/redact.ts';
import { labelsOfAll } from './metrics.ts';
import { type Path, type Problem, wordProblems } from './problem.ts';
import type { ContractFile, FileMetric } from './schema.ts';
import { serviceProblems } from './serviceMeaning.ts';

/** What a file of the right shape may still get wrong: names that are taken, labels and fields that the contract does not let in. */
export function meaningProblems(file: ContractFile): Problem[] {
  const metrics = file.metrics ?? [];
  const names = createNames(metrics);
  return [
    ...metrics.flatMap((metric, index) => metricProblems(metric, ['metrics', index], names)),
    ...serviceProblems(file.services ?? [], metrics),
    ...(file.valkey === undefined ? [] : wordProblems(file.valkey.used_for, ['valkey', 'used_for'])),
  ];
}

/** Who first took a name: `shop_orders_total`, or its alias. */
type Names = (name: string, path: Path) => Problem[];

function createNames(metrics: readonly FileMetric[]): Names {
  const takers = new Map<string, string>();
  const canonical = new Set(metrics.map(({ name }) => name));
  return (name, path) => {
    const [, owner, place] = path;
    const isAlias = place === 'aliases';
    const taker = takers.get(name);
    takers.set(name, taker ?? `metrics[${String(owner)}]`);
    if (taker !== undefined) return [{ path, what: `${name} stands in ${taker} already` }];
    if (identifier(name).value !== name) return [{ path, what: `${name} holds what no table may hold` }];
    const builtIn = defaultCatalogue.entryOf(name);
    const [mapping] = defaultCatalogue.mappingsOf(name);
    if (isAlias && (builtIn !== undefined || canonical.has(name))) {
      return [{ path, what: `${name} is a metric of its own and no alias` }];
    }
    if (builtIn === undefined && mapping !== undefined) {
      return [{ path, what: `${name} is read as ${mapping.target.name} already` }];
    }
    return [];
  };
}

function metricProblems(metric: FileMetric, path: Path, names: Names): Problem[] {
  const builtIn = defaultCatalogue.entryOf(metric.name);
  const unit = builtIn?.unit ?? metric.unit;
  const taken = names(metric.name, [...path, 'name']);
  if (taken.length > 0) return taken;
  return [
    ...(builtIn === undefined ? newMetricProblems(metric, path) : changeProblems(metric, builtIn, path)),
    ...mergeProblems(metric, builtIn?.kind ?? metric.kind, path),
    ...labelProblems(metric.labels ?? [], [...path, 'labels']),
    ...(metric.description === undefined ? [] : wordProblems(metric.description, [...path, 'description'])),
    ...(metric.aliases ?? []).flatMap((_, index) =>
      aliasProblems(metric, builtIn, unit, [...path, 'aliases', index], names),
    ),
  ];
}

function newMetricProblems(metric: FileMetric, path: Path): Problem[] {
  const missing = (['kind', 'unit', 'signal'] as const).filter((key) => metric[key] === undefined);
  if (missing.length > 0) {
    const what = `a metric that is not built in needs ${missing.join(' and ')}`;
    return [{ path, what }];
  }
  const unit = metric.unit ?? '';
  return isConvertible(unit, unit) ? [] : [{ path: [...path, 'unit'], what: unitWords(unit) }];
}

function unitWords(unit: string): string {
  return `${unit} is not known; allowed are ${knownUnits.join(', ')}, or what is counted in braces, such as {order}`;
}

/** What was stored under a built-in name would mean another thing. */
function changeProblems(metric: FileMetric, builtIn: CatalogueEntry, path: Path): Problem[] {
  return (['kind', 'unit'] as const)
    .filter((key) => metric[key] !== undefined && metric[key] !== builtIn[key])
    .map((key) => ({ path: [...path, key], what: `the ${key} of ${builtIn.name} is ${builtIn[key]} and stays so` }));
}

function mergeProblems(metric: FileMetric, kind: FileMetric['kind'], path: Path): Problem[] {
  const { merge, signed } = metric;
  const problems: Problem[] = [];
  if (kind === 'gauge' && merge === undefined && defaultCatalogue.entryOf(metric.name) === undefined) {
    problems.push({ path, what: 'a gauge needs merge: how its streams become one, sum, max, min or last' });
  }
  if (kind !== 'gauge' && kind !== undefined && merge !== undefined && merge !== 'sum') {
    problems.push({ path: [...path, 'merge'], what: `a ${kind} always adds up; leave merge out` });
  }
  if (signed === true && kind !== undefined && kind !== 'histogram') {
    problems.push({ path: [...path, 'signed'], what: `only a histogram is signed, and this is a ${kind}` });
  }
  return problems;
}

function labelProblems(labels: readonly string[], path: Path): Problem[] {
  const offered = labelKeys.filter((key) => key !== 'otel.metric.overflow' && !labelsOfAll.includes(key));
  return labels.flatMap((label, index) => {
    const at = [...path, index];
    if (labels.indexOf(label) !== index) return [{ path: at, what: `${label} stands there twice` }];
    if (isLabelKey(label) && label !== 'otel.metric.overflow') return [];
    const why = isForbiddenKey(label) ? 'is forbidden everywhere' : 'is no label of the contract';
    return [{ path: at, what: `${label} ${why}; allowed are ${offered.join(', ')}` }];
  });
}

function aliasProblems(
  metric: FileMetric,
  builtIn: CatalogueEntry | undefined,
  unit: string | undefined,
  path: Path,
  names: Names,
): Problem[] {
  const alias = metric.aliases?.[Number(path.at(-1))];
  if (alias === undefined) return [];
  const kept: readonly string[] = metric.labels ?? builtIn?.labels ?? [];
  const problems: Problem[] = [...names(alias.name, [...path, 'name'])];
  if (alias.unit !== undefined && unit !== undefined && isConvertible(unit, unit) && !isConvertible(alias.unit, unit)) {
    problems.push({ path: [...path, 'unit'], what: `${alias.unit} cannot be turned into ${unit}` });
  }
  for (const [key, value] of Object.entries(alias.labels ?? {})) {
    if (!kept.includes(key)) {
      problems.push({ path: [...path, 'labels', key], what: `${metric.name} keeps no label ${key}` });
    } else if (enumerated(key, value) !== value || identifier(value).value !== value) {
      problems.push({ path: [...path, 'labels', key], what: `${value} is no value of ${key}` });
    }
  }
  (alias.where ?? []).forEach(({ key, equals, at_least: atLeast, present }, index) => {
    const at = [...path, 'where', index];
    if (isForbiddenKey(key)) problems.push({ path: [...at, 'key'], what: `${key} is forbidden everywhere` });
    if (equals === undefined && atLeast === undefined && present === undefined) {
      problems.push({ path: at, what: 'needs equals, at_least or present' });
    }
  });
  return problems;
}
