import type { Finding } from './finding.ts';
import type { Import, Module } from './modules.ts';

/** Which workspaces a workspace may import (its own always). Tests may import everything, wherever they stand. */
const directions: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  drizzle: ['contract'],
  sidecar: ['contract', 'drizzle'],
  api: ['contract', 'drizzle'],
  web: ['contract'],
  infra: ['contract', 'drizzle', 'sidecar', 'api'],
};

/** Records flow from left to right. */
const stages = ['receive', 'decode', 'curate', 'aggregate', 'store'];
/** What stands between two stages: types that every later one may read, since points pass by some stages untouched. */
const seams = [
  'sidecar/src/receive/export.ts',
  'sidecar/src/decode/records.ts',
  'sidecar/src/decode/request.ts',
  'sidecar/src/curate/curated.ts',
  'sidecar/src/aggregate/step.ts',
];

/** Columns that pass by several stages: their numbers and the table they are of. */
const columns = 'sidecar/src/decode/pointTable.ts';

/** Rooms that must run where Node's built-ins do not exist. */
const withoutBuiltIns = [/^contract\//, /^web\/src\//, /^api\/src\/(?!entry\/)/];

export const isTest = (path: string): boolean =>
  /\.(test|bench|setup)\.ts$|^tests\/|^drizzle\/testing\/|\/testing\//.test(path) || /^[^/]+\.ts$/.test(path);

const workspaceOf = (path: string): string => path.split('/', 1)[0] ?? '';
const stageOf = (path: string): number => stages.indexOf(/^sidecar\/src\/([a-z]+)\//.exec(path)?.[1] ?? '');

/** Imports that point the wrong way (style.md, "Rooms"). */
export function wrongDirections(modules: readonly Module[]): Finding[] {
  return modules
    .filter(({ path }) => !isTest(path))
    .flatMap(({ path, imports }) =>
      imports.flatMap((each) => {
        const what = objection(path, each);
        return what === undefined
          ? []
          : [{ where: `${path}:${each.line}`, what: `imports ${each.specifier}: ${what}` }];
      }),
    );
}

function objection(path: string, each: Import): string | undefined {
  const { target, specifier } = each;
  if (target === undefined) {
    const isBuiltIn = specifier.startsWith('node:');
    return isBuiltIn && withoutBuiltIns.some((room) => room.test(path)) ? 'no Node built-in runs here' : undefined;
  }
  const from = workspaceOf(path);
  const to = workspaceOf(target);
  if (from !== to) {
    if (specifier.startsWith('.')) return `write @command-center/${to}/…`;
    const allowed = directions[from] ?? [];
    return allowed.includes(to) ? undefined : `${from} may import ${allowed.join(', ') || 'no other workspace'}`;
  }
  if (isTest(target) && !isTest(path)) return 'product code does not know its tests';
  return stageObjection(path, each, target);
}

function stageObjection(path: string, { isTypeOnly }: Import, target: string): string | undefined {
  const from = stageOf(path);
  const to = stageOf(target);
  if (from === -1 || to === -1 || from === to) return undefined;
  if (target === columns && to < from) return undefined;
  if (isTypeOnly && seams.includes(target)) return undefined;
  if (stages[from] === 'receive' && stages[to] === 'decode') return undefined;
  return `${stages[from]} knows of ${stages[to]} only the types that stand between stages`;
}

/** Files that import each other in a circle, types included; each circle once. */
export function circles(modules: readonly Module[]): Finding[] {
  const targets = new Map(
    modules.map((module) => [module.path, module.imports.flatMap((each) => (each.target ? [each.target] : []))]),
  );
  const findings: Finding[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      const circle = [...trail.slice(trail.indexOf(path)), path];
      findings.push({ where: path, what: `a circle: ${circle.join(' -> ')}` });
      return;
    }
    state.set(path, 'open');
    trail.push(path);
    for (const target of targets.get(path) ?? []) visit(target);
    trail.pop();
    state.set(path, 'done');
  };
  for (const path of targets.keys()) visit(path);
  return findings;
}
