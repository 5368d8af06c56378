import {
  deprecatedDependencies,
  silentDependencies,
  unexplainedDependencies,
  unseenDependencies,
} from '../dependencies.ts';
import type { Rule } from '../finding.ts';
import { undocumentedEndpoints, unknownEndpoints } from './endpoints.ts';
import { unplannedFlags } from './flags.ts';
import { forbiddenNames } from './forbidden.ts';
import { deadLinks } from './links.ts';
import { undocumentedMetrics, unknownMetrics } from './metricNames.ts';
import { loose } from './pinned.ts';
import { otherRetentions, unpurged } from './retention.ts';
import { deadOffers, undocumentedVariables } from './variables.ts';

const exceptions = 'or name an exception with its reason in infra/check/exceptions.ts';

/** The plan's task 35, and what makes documents be believed. */
export const governanceRules: readonly Rule[] = [
  {
    name: 'thirty days everywhere',
    find: () => [...otherRetentions(), ...unpurged()],
    remedy: `take contract/src/retention.ts, delete it in sidecar/src/lead/purge.ts, ${exceptions}`,
  },
  {
    name: 'no name for what is never kept',
    find: () => forbiddenNames(),
    remedy: `name it for what it is, ${exceptions}`,
  },
  {
    name: 'exact versions',
    find: () => loose(),
    remedy: 'write the whole version: npm install --save-exact, name:1.2.3',
  },
  {
    name: 'dependencies have their reasons and are alive',
    find: () => [
      ...unexplainedDependencies(),
      ...silentDependencies(),
      ...deprecatedDependencies(),
      ...unseenDependencies(),
    ],
    remedy: 'a row in infra/check/dependencyRows.ts; npm run dependencies asks the registries anew',
  },
  {
    name: 'metrics are named as they are',
    find: () => [...unknownMetrics(), ...undocumentedMetrics()],
    remedy: 'correct the document, or add the metric to contract/src/catalogue; npm run generate',
  },
  { name: 'links lead somewhere', find: () => deadLinks(), remedy: 'correct the link, or the heading it names' },
  {
    name: 'variables and flags are documented',
    find: () => [...undocumentedVariables(), ...deadOffers(), ...unplannedFlags()],
    remedy: `a row in contract/src/settings, a sentence on a page or in a comment of the file, ${exceptions}`,
  },
  {
    name: 'endpoints are documented, and no others',
    find: () => [...undocumentedEndpoints(), ...unknownEndpoints()],
    remedy: 'infra/generate/api makes docs/api.md; on other pages correct the path',
  },
];
