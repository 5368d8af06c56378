import { fits, licenceOf, readReleases } from '../check/dependencies.ts';
import { type DependencyRow, imageRows, runtimeRows, toolRows } from '../check/dependencyRows.ts';
import { code, noticeOf, table } from './table.ts';

const usual = 'usual';

function runtimeCells(row: DependencyRow): string[] {
  const { seen, packages } = readReleases();
  const found = Object.entries(packages).filter(([name]) => fits(row, name));
  const newest =
    found
      .map(([, { released }]) => released)
      .sort()
      .at(-1) ?? `not known on ${seen}`;
  const licences = [...new Set(found.map(([name]) => licenceOf(name)))].join(', ');
  return [code(row.name), row.where, row.why, licences, newest, row.care ?? usual];
}

/** docs/dependencies.md */
export function dependenciesPage(): string {
  return `${noticeOf('infra/check/dependencyRows.ts')}

# Dependencies

Each direct dependency, why it is here, and how it is looked after. \`npm run check\` refuses one without a row, a row without one, a version that is not
exact, what runs and is deprecated or was not released for a year (unless the row explains it), and any licence behind them that is not on the list: what runs
must be MIT, Apache-2.0, BSD, ISC, 0BSD or PostgreSQL, build and test tools may also be MPL-2.0, BlueOak-1.0.0, CC0-1.0, CC-BY-4.0, Python-2.0 or
Unlicense. The one exception has [a decision of its own](adr/0001-licence-of-the-postgres-driver.md).

**Care**, where a row says \`${usual}\`: minor versions once a month with the suite as judge, majors within a quarter of their release, an advisory about
what runs within two working days. \`npm run dependencies\` asks the registry for the days below; a release begins with it.

## What runs

Newest releases as of ${readReleases().seen}; of several packages, the newest of them.

${table(['package', 'in', 'why', 'licence', 'released', 'care'], runtimeRows.map(runtimeCells))}

## Images

${table(
  ['image', 'in', 'why', 'licence', 'released', 'care'],
  imageRows.map(({ name, version, where, why, licence, released, care }) => [
    code(`${name}:${version}`),
    where,
    why,
    licence,
    released,
    care ?? usual,
  ]),
)}

## Tools

Nothing of these ships. The OpenTelemetry Collector and telemetrygen of the tests are built of official components, pinned in \`tests/collector/go.mod\`;
schemathesis and cfn-lint are pinned in their requirements files.

${table(
  ['package', 'in', 'why'],
  toolRows.map(({ name, where, why }) => [code(name), where, why]),
)}
`;
}
