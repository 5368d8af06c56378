import { existsSync } from 'node:fs';
import type { Finding } from '../check/finding.ts';
import { root, textOf } from '../check/tree.ts';
import { adrPage } from './adr.ts';
import { apiPage } from './api/page.ts';
import { configurationPage, exampleEnvironment } from './configuration.ts';
import { contractPage } from './contract.ts';
import { dependenciesPage } from './dependencies.ts';
import { earlyDrop } from './earlyDrop.ts';
import { metricsPage } from './metrics.ts';
import { prometheusRules } from './prometheusRules.ts';

/** Files made from tables: path and how it is made. */
export const generated: Readonly<Record<string, () => string>> = {
  'docs/contract.md': contractPage,
  'docs/configuration.md': configurationPage,
  'docs/metrics.md': metricsPage,
  'docs/api.md': apiPage,
  'docs/dependencies.md': dependenciesPage,
  'docs/adr/README.md': adrPage,
  'infra/collector/early.yaml': earlyDrop,
  'infra/prometheus/command-center.rules.yaml': prometheusRules,
  '.env.example': exampleEnvironment,
};

/** Files that differ from what their tables say. */
export function staleFiles(): Finding[] {
  return Object.entries(generated).flatMap(([path, make]) => {
    const is = existsSync(`${root}/${path}`) ? textOf(path) : undefined;
    return is === make() ? [] : [{ where: path, what: is === undefined ? 'is missing' : 'is not up to date' }];
  });
}
