/**
 * What somebody is woken for, as data: the stack makes CloudWatch alarms of it, infra/prometheus rules, and docs/runbook.md has a heading for each.
 * Sidecar metrics are those of docs/metrics.md that sidecar/src/operate/emf.ts writes.
 */

export interface SidecarAlarm {
  /** Also its heading in the runbook. */
  readonly title: string;
  /** `command_center.sidecar.` + this. */
  readonly metric: string;
  /** Of a leader's job. */
  readonly job?: string;
  readonly statistic: 'Minimum' | 'Maximum' | 'Sum';
  readonly comparison: 'above' | 'below';
  readonly threshold: number;
  readonly periodMinutes: number;
  readonly periods: number;
  /** Whether silence is as bad as the worst value. */
  readonly isSilenceBad: boolean;
  /** One sentence: what it means for whoever is woken. */
  readonly meaning: string;
}

/** Bytes: of the 1 GiB of its container. */
const memoryBytes = 900 * 2 ** 20;

export const sidecarAlarms: readonly SidecarAlarm[] = [
  {
    title: 'Not ready',
    metric: 'ready',
    statistic: 'Minimum',
    comparison: 'below',
    threshold: 1,
    periodMinutes: 1,
    periods: 3,
    isSilenceBad: true,
    meaning: 'A sidecar cannot store what it is sent, or none runs; senders wait.',
  },
  {
    title: 'Nothing is stored',
    metric: 'lag',
    statistic: 'Maximum',
    comparison: 'above',
    threshold: 300,
    periodMinutes: 1,
    periods: 5,
    isSilenceBad: false,
    meaning: 'The newest record that was stored is over five minutes old.',
  },
  {
    title: 'Batches fail',
    metric: 'batch.failures',
    statistic: 'Sum',
    comparison: 'above',
    threshold: 0,
    periodMinutes: 5,
    periods: 3,
    isSilenceBad: false,
    meaning: 'Postgres does not take batches, a quarter of an hour long.',
  },
  {
    title: 'Requests are refused',
    metric: 'requests.refused',
    statistic: 'Sum',
    comparison: 'above',
    threshold: 100,
    periodMinutes: 5,
    periods: 3,
    isSilenceBad: false,
    meaning: 'Senders are sent away, for a token, an encoding, or for want of memory.',
  },
  {
    title: 'Records are refused',
    metric: 'records.refused',
    statistic: 'Sum',
    comparison: 'above',
    threshold: 1_000,
    periodMinutes: 5,
    periods: 3,
    isSilenceBad: false,
    meaning: 'Records come that can never be stored: a clock, a kind or a unit is wrong.',
  },
  {
    title: 'A queue grows',
    metric: 'queue.age',
    statistic: 'Maximum',
    comparison: 'above',
    threshold: 10,
    periodMinutes: 1,
    periods: 5,
    isSilenceBad: false,
    meaning: 'Requests wait over ten seconds for their batch.',
  },
  {
    title: 'A sidecar is short of memory',
    metric: 'memory.resident',
    statistic: 'Maximum',
    comparison: 'above',
    threshold: memoryBytes,
    periodMinutes: 5,
    periods: 3,
    isSilenceBad: false,
    meaning: 'A sidecar holds more than 900 MiB of the GiB it has.',
  },
  {
    title: 'No sidecar leads',
    metric: 'leader.runs',
    job: 'summarise',
    statistic: 'Sum',
    comparison: 'below',
    threshold: 1,
    periodMinutes: 1,
    periods: 3,
    isSilenceBad: true,
    meaning: 'Nobody probes and judges: every status on the page reads unknown.',
  },
  {
    title: 'Roll-ups stand still',
    metric: 'leader.runs',
    job: 'roll up',
    statistic: 'Sum',
    comparison: 'below',
    threshold: 1,
    periodMinutes: 60,
    periods: 2,
    isSilenceBad: true,
    meaning: 'No hour was rolled up for two; charts past a day end early.',
  },
  {
    title: 'Retention stands still',
    metric: 'leader.runs',
    job: 'purge',
    statistic: 'Sum',
    comparison: 'below',
    threshold: 1,
    periodMinutes: 60,
    periods: 3,
    isSilenceBad: true,
    meaning: 'Nothing was deleted for three hours: the promise of 30 days is at stake, and the disk.',
  },
];

/** Alarms of what AWS measures by itself; the stack says how. */
export const platformAlarms = {
  storage: {
    title: 'The disk of Postgres is nearly full',
    meaning: 'Under a tenth of it is free; a full disk stops everything.',
  },
  databaseCpu: { title: 'Postgres is busy', meaning: 'Its CPU was over 90 % for a quarter of an hour.' },
  connections: { title: 'Postgres has many connections', meaning: 'Four fifths of what it takes are in use.' },
  apiErrors: { title: 'The API fails', meaning: 'Invocations of the function end in errors.' },
  apiThrottles: { title: 'The API is throttled', meaning: 'More is asked at once than the function may answer.' },
  apiAnswers: {
    title: 'The API answers with errors',
    meaning: 'It gives 5xx to over twenty requests in five minutes.',
  },
  live: { title: 'No healthy sidecar behind the live socket', meaning: 'Pages poll in place of being pushed to.' },
  otlp: { title: 'No healthy collector', meaning: 'Senders reach nobody; what they cannot queue is lost.' },
} as const satisfies Record<string, { readonly title: string; readonly meaning: string }>;
