import { defaultCatalogue } from '../catalogue/catalogue.ts';
import { services } from '../services.ts';
import { labelsOfAll } from './metrics.ts';
import { type Path, type Problem, wordProblems } from './problem.ts';
import type { FileCondition, FileMetric, FileService } from './schema.ts';

/** What the list of services may get wrong beside its shape. */
export function serviceProblems(list: readonly FileService[], metrics: readonly FileMetric[]): Problem[] {
  return list.flatMap((service, index) => {
    const path: Path = ['services', index];
    const { id, name, healthy_when: healthyWhen, conditions } = service;
    const problems: Problem[] = [];
    if (list.findIndex((each) => each.id === id) !== index) {
      problems.push({ path: [...path, 'id'], what: `${id} stands there twice` });
    }
    const isBuiltIn = services.some((each) => each.id === id);
    if (!isBuiltIn && (name === undefined || healthyWhen === undefined || conditions === undefined)) {
      problems.push({ path, what: 'a service that is not built in needs name, healthy_when and conditions' });
    }
    if (name !== undefined) problems.push(...wordProblems(name, [...path, 'name']));
    if (healthyWhen !== undefined) problems.push(...wordProblems(healthyWhen, [...path, 'healthy_when']));
    (conditions ?? []).forEach((condition, at) => {
      problems.push(...conditionProblems(condition, metrics, [...path, 'conditions', at]));
    });
    return problems;
  });
}

function conditionProblems(condition: FileCondition, metrics: readonly FileMetric[], path: Path): Problem[] {
  const unknown = (name: string, key: string): Problem[] =>
    labelsOf(name, metrics) === undefined
      ? [{ path: [...path, key], what: `${name} is no metric of the contract` }]
      : [];
  switch (condition.type) {
    case 'probe':
      return condition.url === undefined || condition.probe === 'http'
        ? []
        : [{ path: [...path, 'url'], what: 'only a probe of http has a url; for others set the variable' }];
    case 'fresh':
      return unknown(condition.metric, 'metric');
    case 'moving':
      return [...unknown(condition.metric, 'metric'), ...unknown(condition.while_above, 'while_above')];
    case 'above_zero': {
      const kept = labelsOf(condition.metric, metrics);
      if (kept === undefined) return unknown(condition.metric, 'metric');
      return Object.keys(condition.labels ?? {})
        .filter((key) => !kept.includes(key))
        .map((key) => ({ path: [...path, 'labels', key], what: `${condition.metric} keeps no label ${key}` }));
    }
    default:
      return [];
  }
}

/** The labels that a metric keeps under any of its names; undefined = not in the contract. */
function labelsOf(name: string, metrics: readonly FileMetric[]): readonly string[] | undefined {
  const inFile = metrics.find((metric) => metric.name === name || metric.aliases?.some((alias) => alias.name === name));
  const builtIn = defaultCatalogue.entryOf(defaultCatalogue.canonicalName(inFile?.name ?? name) ?? '');
  if (inFile === undefined && builtIn === undefined) return undefined;
  return [...labelsOfAll, ...(inFile?.labels ?? builtIn?.labels ?? [])];
}
