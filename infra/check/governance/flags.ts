import { settingRows } from '@command-center/contract/settings/settings';
import type { Finding } from '../finding.ts';
import { textOf } from '../tree.ts';

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
