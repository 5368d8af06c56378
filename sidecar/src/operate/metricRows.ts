/** The sidecar's own metrics: a row each. `/metrics`, the OTLP export and docs/metrics.md are made from these. */

export interface MetricRow {
  /** As OTLP sends it; Prometheus' name follows from name, unit and kind. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** UCUM, as OpenTelemetry writes units. */
  readonly unit: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, rising, in the unit; [] otherwise. */
  readonly bounds: readonly number[];
}

interface Spec {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly labels?: readonly string[];
}

const row = (spec: Spec) => ({ labels: [], bounds: [], ...spec });
const counter = (spec: Spec) => ({ ...row(spec), kind: 'counter' as const });
const gauge = (spec: Spec) => ({ ...row(spec), kind: 'gauge' as const });
const histogram = (spec: Spec & { readonly bounds: readonly number[] }) => ({
  ...row(spec),
  kind: 'histogram' as const,
});

/** From what a batch of one request takes to the longest that may. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** To the 4 MiB of a full batch, and to one request of the largest size. */
const bytes = [2 ** 10, 2 ** 12, 2 ** 14, 2 ** 16, 2 ** 18, 2 ** 20, 2 ** 21, 2 ** 22, 2 ** 24, 2 ** 26];
const requests = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

const own = (name: string): string => `command_center.sidecar.${name}`;

export const metricRows = {
  received: counter({
    name: own('records.received'),
    unit: '{record}',
    description: 'Records in committed batches: metric points, log records, spans.',
    labels: ['signal'],
  }),
  stored: counter({
    name: own('records.stored'),
    unit: '{record}',
    description: 'Of these, what is stored: log records and spans as rows, points as an increase of their minute.',
    labels: ['signal'],
  }),
  dropped: counter({
    name: own('records.dropped'),
    unit: '{record}',
    description: 'Records and fields left out by design, by reason (docs/contract.md).',
    labels: ['signal', 'reason'],
  }),
  rejected: counter({
    name: own('records.refused'),
    unit: '{record}',
    description: 'Records that can never be accepted, told to the sender as partial success, by reason.',
    labels: ['signal', 'reason'],
  }),
  noted: counter({
    name: own('records.noted'),
    unit: '{record}',
    description: 'Records with something to know about them, such as duplicates and resets, by reason.',
    labels: ['signal', 'reason'],
  }),
  masked: counter({
    name: own('records.masked'),
    unit: '{value}',
    description: 'Values in which a redaction rule masked something, by rule.',
    labels: ['signal', 'rule'],
  }),
  refusedRequests: counter({
    name: own('requests.refused'),
    unit: '{request}',
    description: 'Requests answered with anything but success, at the door or after it, by reason.',
    labels: ['signal', 'reason'],
  }),
  batches: counter({ name: own('batches'), unit: '{batch}', description: 'Batches committed.' }),
  failedRequests: counter({
    name: own('batch.failures'),
    unit: '{request}',
    description: 'Requests in batches that were not committed, by SQLSTATE or the code of the connection error.',
    labels: ['code'],
  }),
  conflicts: counter({
    name: own('batch.conflicts'),
    unit: '{batch}',
    description: 'Batches built again, because another sidecar changed the same stream state meanwhile.',
  }),
  buildTime: histogram({
    name: own('batch.build.duration'),
    unit: 's',
    description: 'Computing windows and stream state of a batch, without waiting for the database.',
    bounds: seconds,
  }),
  commitTime: histogram({
    name: own('batch.commit.duration'),
    unit: 's',
    description: 'The transaction of a batch, from BEGIN to the answer to COMMIT.',
    bounds: seconds,
  }),
  batchBytes: histogram({
    name: own('batch.size'),
    unit: 'By',
    description: 'Decompressed bytes of a batch when it leaves the queue.',
    bounds: bytes,
  }),
  batchRequests: histogram({
    name: own('batch.requests'),
    unit: '{request}',
    description: 'Requests of a batch when it leaves the queue.',
    bounds: requests,
  }),
  queuedRequests: gauge({
    name: own('queue.requests'),
    unit: '{request}',
    description: 'Requests received and not yet taken into a batch.',
  }),
  queueAge: gauge({
    name: own('queue.age'),
    unit: 's',
    description: 'Age of the oldest of these; 0 = there is none.',
  }),
  bytesInFlight: gauge({
    name: own('in_flight'),
    unit: 'By',
    description:
      'Decompressed bytes of requests that are not answered yet; bounded by COMMAND_CENTER_MEMORY_LIMIT_BYTES.',
  }),
  lag: gauge({
    name: own('lag'),
    unit: 's',
    description:
      'Now minus the time of the newest record of the last batch that had any; grows while nothing is committed.',
  }),
  writers: counter({
    name: own('writers'),
    unit: '{writer}',
    description: 'Writer ids taken: one at the start, one after each commit of unknown outcome and each outage.',
  }),
  streams: gauge({
    name: own('memory.streams'),
    unit: '{stream}',
    description: 'Streams whose state is held in memory.',
  }),
  windows: gauge({
    name: own('memory.windows'),
    unit: '{window}',
    description: 'Minutes of series held in memory.',
  }),
  ready: gauge({
    name: own('ready'),
    unit: '1',
    description: '1 while what is sent can be stored (the answer of /readyz), else 0.',
  }),
  degraded: gauge({
    name: own('degraded'),
    unit: '1',
    description: '1 while Postgres is away, read-only, or does not take what is sent, else 0.',
  }),
  outages: counter({
    name: own('outages'),
    unit: '{outage}',
    description: 'Times the sidecar became degraded.',
  }),
  leaderRuns: counter({
    name: own('leader.runs'),
    unit: '{run}',
    description:
      'Jobs done, not those that failed, while this sidecar led: judging, moving windows, rolling up and packing, merging, retention, tidying, closing days.',
    labels: ['job'],
  }),
  leaderTime: counter({
    name: own('leader.time'),
    unit: 's',
    description: 'What they took, those that failed included.',
    labels: ['job'],
  }),
  rolledUpHours: counter({
    name: own('leader.rolled_up'),
    unit: '{hour}',
    description: 'Hours of series rolled up, each time they were.',
  }),
  packedHours: counter({
    name: own('leader.packed'),
    unit: '{hour}',
    description: 'Hours of series packed into one row, late rows joined to one included.',
  }),
  mergedHours: counter({
    name: own('leader.merged'),
    unit: '{hour}',
    description: 'Hours of metrics merged over all their series, each time they were.',
  }),
  purgedRows: counter({
    name: own('leader.purged.rows'),
    unit: '{row}',
    description: 'Rows deleted because they were older than 30 days.',
  }),
  purgedPartitions: counter({
    name: own('leader.purged.partitions'),
    unit: '{partition}',
    description: 'Partitions dropped because their day was older than that, and of the sketches of packed minutes.',
  }),
  freedBytes: counter({
    name: own('leader.freed'),
    unit: 'By',
    description: 'Disk given back where packed samples had lain.',
  }),
  closedDays: counter({
    name: own('leader.closed'),
    unit: '{partition}',
    description:
      'Partitions of logs and spans whose indexes were written anew after their day, with one for searches of logs.',
  }),
  liveClients: gauge({
    name: own('live.clients'),
    unit: '{client}',
    description: 'Consoles that are pushed to.',
  }),
  liveFrames: counter({
    name: own('live.frames'),
    unit: '{frame}',
    description: 'Frames pushed, one a console, by type.',
    labels: ['type'],
  }),
  liveEnds: counter({
    name: own('live.ends'),
    unit: '{client}',
    description:
      'Live sockets that ended, by cause: left, or for what this sidecar ended it (refused, ended, late, slow, silent, malformed, huge, busy, broken, stopped).',
    labels: ['cause'],
  }),
  loopDelay: histogram({
    name: own('event_loop.delay'),
    unit: 's',
    description: 'How late a timer of 100 ms fired: what all other work waits for.',
    bounds: seconds,
  }),
  residentMemory: gauge({ name: own('memory.resident'), unit: 'By', description: 'Resident memory of the process.' }),
  heapUsed: gauge({ name: own('memory.heap_used'), unit: 'By', description: 'Heap in use, of all its spaces.' }),
  heapTotal: gauge({ name: own('memory.heap_total'), unit: 'By', description: 'Heap reserved.' }),
} as const satisfies Record<string, MetricRow>;

type Rows = typeof metricRows;
type KeyOf<Kind extends MetricRow['kind']> = {
  [K in keyof Rows]: Rows[K]['kind'] extends Kind ? K : never;
}[keyof Rows];

export type MetricKey = keyof Rows;
export type CounterKey = KeyOf<'counter'>;
export type GaugeKey = KeyOf<'gauge'>;
export type HistogramKey = KeyOf<'histogram'>;
