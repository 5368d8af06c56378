import { textOf, treeOf } from '../check/tree.ts';
import { noticeOf, table } from './table.ts';

const folder = 'docs/adr/';

/** docs/adr/README.md */
export function adrPage(): string {
  const files = treeOf().files.filter((path) => path.startsWith(folder) && /\/\d{4}-/.test(path));
  const rows = files.map((path) => {
    const title = /^# (?:\d+\.? )?(.*)$/m.exec(textOf(path))?.[1] ?? path;
    return [path.slice(folder.length, folder.length + 4), `[${title}](${path.slice(folder.length)})`];
  });
  return `${noticeOf('the files beside it')}

# Decisions

What a newcomer would ask about: context, decision, measurement, consequence, and the check that confirms it. One is replaced, never edited.

${table(['', 'decision'], rows)}
`;
}
