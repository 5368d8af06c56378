import { type ThresholdName, thresholdNames, thresholds, thresholdVariable } from '../thresholds.ts';
import { withPassword } from './databaseUrl.ts';
import { maxListed, type SettingProblem, unknownVariables } from './problems.ts';
import { decimal, type SettingRow } from './row.ts';
import { rows, type SettingKey, type SettingValues, settingKeys } from './rows.ts';
import { checkTogether } from './together.ts';

export interface Bounds {
  readonly warn: number;
  readonly crit: number;
}

/** Everything the environment says, typed; `undefined` = not set and without default. */
export interface Settings extends SettingValues {
  readonly thresholds: Readonly<Record<ThresholdName, Bounds>>;
  /** Which variables were given a value: a port that was set is insisted on, a default may give way. */
  readonly given: ReadonlySet<SettingKey>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

function thresholdRow(name: ThresholdName, bound: 'warn' | 'crit'): SettingRow<number> {
  const { signal, unit, isLowerWorse, [bound]: fallback } = thresholds[name];
  const edges = isLowerWorse
    ? { warn: 'yellow at or below', crit: 'red below' }
    : { warn: 'yellow from', crit: 'red above' };
  const words = unit.startsWith('{') ? `${unit.slice(1, -1)}s` : unit;
  return decimal({
    name: thresholdVariable(name, bound),
    meaning: `${signal}: ${edges[bound]}.`,
    unit: words,
    min: 0,
    max: unit === '%' ? 100 : 1e9,
    fallback,
  });
}

const thresholdRows = thresholdNames.flatMap((name) => [thresholdRow(name, 'warn'), thresholdRow(name, 'crit')]);

/** Every variable, in the order of the documents. */
export const settingRows: readonly SettingRow[] = [...Object.values(rows), ...thresholdRows];

/** Thrown by `readSettings`; its message has one line a bad variable. */
export class SettingsError extends Error {
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(problems.map((problem) => `${problem.variable}${problem.shown}: ${problem.allowed}`).join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

export type ParsedSettings =
  | { readonly isValid: true; readonly settings: Settings }
  | { readonly isValid: false; readonly problems: readonly SettingProblem[] };

/** As it may be printed: secrets never, credentials in a URL never, and not more than a line. */
function shownValue(row: SettingRow, raw: string): string {
  if (row.isSecret) return `=*** (${raw.length} characters)`;
  const shown = raw.replaceAll(/\/\/[^/@\s]*@/g, '//***@').slice(0, 80);
  return `=${JSON.stringify(shown)}`;
}

function readRow<T>(row: SettingRow<T>, env: Environment, problems: SettingProblem[]): { value: T; isGiven: boolean } {
  const raw = env[row.name]?.trim();
  // Compose files and CI set variables to '' to leave them out.
  if (raw === undefined || raw === '') return { value: row.fallback, isGiven: false };
  const value = row.parse(raw);
  if (value === undefined) {
    problems.push({ variable: row.name, shown: shownValue(row, raw), allowed: `allowed is ${row.allowed}` });
    return { value: row.fallback, isGiven: true };
  }
  if (row.isPlanned && value !== row.fallback) {
    const allowed = 'known, but this version does not do it yet; leave it unset';
    problems.push({ variable: row.name, shown: shownValue(row, raw), allowed });
  }
  return { value, isGiven: true };
}

function readThresholds(env: Environment, problems: SettingProblem[]): Record<ThresholdName, Bounds> {
  const read = (name: ThresholdName): Bounds => {
    const warn = readRow(thresholdRow(name, 'warn'), env, problems).value;
    const crit = readRow(thresholdRow(name, 'crit'), env, problems).value;
    const { isLowerWorse } = thresholds[name];
    if (isLowerWorse ? warn < crit : warn > crit) {
      const relation = isLowerWorse ? 'at least' : 'at most';
      const other = thresholdVariable(name, 'crit');
      const allowed = `allowed is ${relation} ${crit}, the value of ${other}`;
      problems.push({ variable: thresholdVariable(name, 'warn'), shown: `=${warn}`, allowed });
    }
    return { warn, crit };
  };
  return Object.fromEntries(thresholdNames.map((name) => [name, read(name)])) as Record<ThresholdName, Bounds>;
}

/** Reads and checks every variable; all faults at once, as data. */
export function parseSettings(env: Environment): ParsedSettings {
  const problems: SettingProblem[] = [];
  const given = new Set<SettingKey>();
  const values = Object.fromEntries(
    settingKeys.map((key) => {
      const { value, isGiven } = readRow<unknown>(rows[key], env, problems);
      if (isGiven) given.add(key);
      return [key, value];
    }),
  ) as SettingValues;
  const settings: Settings = { ...values, thresholds: readThresholds(env, problems), given };
  problems.push(...checkTogether(settings), ...unknownVariables(env, settingRows));
  if (problems.length > 0) return { isValid: false, problems: problems.slice(0, maxListed) };
  const { databaseUrl, databasePassword } = settings;
  if (databaseUrl === undefined) return { isValid: true, settings };
  return { isValid: true, settings: { ...settings, databaseUrl: withPassword(databaseUrl, databasePassword) } };
}

/** The settings, or a `SettingsError` that lists every bad variable. */
export function readSettings(env: Environment): Settings {
  const parsed = parseSettings(env);
  if (!parsed.isValid) throw new SettingsError(parsed.problems);
  return parsed.settings;
}
