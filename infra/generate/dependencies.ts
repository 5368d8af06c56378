import { fits, licenceOf, readReleases } from '../check/dependencies.ts';
import {
  type DependencyRow,
  imageRows,
  moduleRows,
  programRows,
  runtimeRows,
  toolRows,
} from '../check/dependencyRows.ts';
import { filesLike } from '../check/governance/files.ts';
import { imagesOf } from '../check/governance/pinned.ts';
import { code, noticeOf, table } from './table.ts';

const usual = 'usual';

/** The newest day of all that a row stands for. */
function releasedOf(row: Pick<DependencyRow, 'name'>): string {
  const days = Object.entries(readReleases().packages).flatMap(([name, { released }]) =>
    fits(row, name) ? [released] : [],
  );
  return days.sort().at(-1) ?? 'not asked';
}

function licencesOf(row: DependencyRow): string {
  const names = Object.keys(readReleases().packages).filter((name) => fits(row, name));
  return [...new Set(names.map(licenceOf))].join(', ');
}

const whyOf = ({ why, explained }: DependencyRow): string => (explained === undefined ? why : `${why}. ${explained}`);

const imageOf = (name: string): string => imagesOf().find(({ image }) => image.startsWith(`${name}:`))?.image ?? name;

function requiredVersion(name: string): string {
  const texts = filesLike(/(^|\/)requirements[\w.-]*\.txt$/).map(({ text }) => text);
  return new RegExp(`^${name}==(\\S+)`, 'm').exec(texts.join('\n'))?.[1] ?? '';
}

const rowsOf = (rows: readonly DependencyRow[], cells: (row: DependencyRow) => string[]): string[][] =>
  rows.map((row) => [code(row.name), row.where, whyOf(row), ...cells(row)]);

function runtimeTable(): string {
  const head = ['package', 'in', 'why', 'licence', 'released', 'care'];
  return table(
    head,
    rowsOf(runtimeRows, (row) => [licencesOf(row), releasedOf(row), row.care ?? usual]),
  );
}

function imageTable(): string {
  const rows = imageRows.map((row) => [
    code(imageOf(row.name)),
    row.where,
    whyOf(row),
    row.licence,
    releasedOf({ name: row.releasedAs }),
    code(row.releasedAs),
    row.care ?? usual,
  ]);
  return table(['image', 'in', 'why', 'licence', 'released', 'with', 'care'], rows);
}

function toolTables(): string {
  return `${table(
    ['package', 'in', 'why', 'licence', 'released'],
    rowsOf(toolRows, (row) => [licencesOf(row), releasedOf(row)]),
  )}

Modules of Go, pinned in \`go.mod\` and \`go.sum\` of \`tests/collector\` and its folders (Apache-2.0):

${table(
  ['modules', 'in', 'why', 'released', 'care'],
  rowsOf(moduleRows, (row) => [releasedOf(row), row.care ?? usual]),
)}

Actions of the workflows are GitHub's own alone, by their major tag: who could change them holds the repository anyway. \`npm run check\` asks of anybody
else's that it is pinned to a commit.

Programs of Python, with all that they bring pinned in a requirements file:

${table(
  ['program', 'in', 'why'],
  programRows.map((row) => [code(`${row.name}==${requiredVersion(row.name)}`), row.where, whyOf(row)]),
)}`;
}

/** docs/dependencies.md */
export function dependenciesPage(): string {
  return `${noticeOf('infra/check/dependencyRows.ts, infra/check/releases.json and the lock file')}

# Dependencies

Each direct dependency, why it is here, and how it is looked after. \`npm run check\` refuses one without a row, a row without one, a version that is not
exact, what is deprecated or was not released for a year (unless the row explains it), and any licence behind them that is not on the list: what runs
must be MIT, Apache-2.0, BSD, ISC, 0BSD or PostgreSQL, build and test tools may also be MPL-2.0, BlueOak-1.0.0, CC0-1.0, CC-BY-4.0, Python-2.0 or
Unlicense. The one exception has [a decision of its own](adr/0001-licence-of-the-postgres-driver.md).

**Care**, where a row says \`${usual}\`: minor versions once a month with the suite as judge, majors within a quarter of their release, an advisory about
what runs within two working days. \`npm run dependencies\` asks for the days below; [a release](release.md) begins with it, and one that is made over
a year after the last asking is refused. A year counts from that day and not from today, so that an old commit stays what it was.

\`released\` is the day on which anything of a package was published last, as of ${readReleases().seen}; of several packages, the newest of them.
That a package is archived no registry says: whoever raises versions looks at its repository.

## What runs

${runtimeTable()}

## Images

Days are those of the package or module that is released with the program inside.

${imageTable()}

## Tools

Nothing of these ships.

${toolTables()}
`;
}
