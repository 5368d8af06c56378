import { infrastructure } from '@command-center/contract/api/infrastructure';
import { readSettings } from '@command-center/contract/settings/settings';
import { leaderSettings } from '@command-center/sidecar/lead/settings';
import { createSummariser } from '@command-center/sidecar/lead/summarise';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedDays, seedSeries, seedWindows, type WindowSeed } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

/** The verdict's saturation is computed by the leader, the list beside it by the API: nobody may read two numbers of one pool. */

const minuteMs = 60_000;
const environment = { COMMAND_CENTER_PROCESS_MEMORY_LIMIT_BYTES: '100' };
let stage: Stage;
beforeAll(async () => {
  stage = await openStage(() => Date.now(), environment);
  await seedDays(stage.sql, Date.now() - 86_400_000, Date.now() + 86_400_000);
});
afterAll(() => stage.close());

const service = fc.constantFrom('orders', 'carts');
const writer = fc.constantFrom(1, 2);
/** The open minute, complete ones, and one that is no longer the present. */
const ago = fc.integer({ min: 0, max: 4 });
const reading = <L>(metric: string, labels: fc.Arbitrary<L>, value: fc.Arbitrary<number>) =>
  fc.record({ metric: fc.constant(metric), labels, value, writer, ago });
const used = fc.record({
  'service.name': service,
  'db.client.connection.state': fc.constant('used'),
  'db.client.connection.pool.name': fc.constantFrom('main', 'reports'),
});
const queue = fc.record({
  'service.name': service,
  exporter: fc.constantFrom('otlp', 'file'),
  data_type: fc.constantFrom('logs', 'traces'),
});
const owner = fc.record({ 'service.name': service });
interface ReadingSeed {
  readonly metric: string;
  readonly labels: Record<string, string>;
  readonly value: number;
  readonly writer: number;
  /** Minutes. */
  readonly ago: number;
}

const readings: fc.Arbitrary<ReadingSeed[]> = fc.array(
  fc.oneof(
    reading('db.client.connection.count', used, fc.integer({ min: 0, max: 40 })),
    reading('db.client.connection.max', owner, fc.integer({ min: 0, max: 40 })),
    reading('otelcol_exporter_queue_size', queue, fc.integer({ min: 0, max: 100 })),
    reading('otelcol_exporter_queue_capacity', queue, fc.integer({ min: 0, max: 100 })),
    reading('process.memory.usage', owner, fc.integer({ min: 0, max: 120 })),
  ),
  { maxLength: 25 },
);

/** Without it the sign would be unknown where all else is old; of no pool that anybody uses. */
const heartbeat: ReadingSeed = {
  metric: 'db.client.connection.count',
  labels: { 'service.name': 'orders', 'db.client.connection.state': 'idle' },
  value: 1,
  writer: 1,
  ago: 0,
};

async function seed(all: readonly ReadingSeed[], nowMs: number): Promise<void> {
  await stage.sql`TRUNCATE telemetry_metric_series, telemetry_open_windows, telemetry_summary RESTART IDENTITY`;
  const ids = new Map<string, number>();
  const windows = new Map<string, WindowSeed>();
  for (const { metric, labels, value, writer, ago } of [heartbeat, ...all]) {
    const key = `${metric} ${JSON.stringify(labels)}`;
    const series_id = ids.get(key) ?? (await seedSeries(stage.sql, metric, { ...labels }));
    ids.set(key, series_id);
    const ts = new Date(Math.floor(nowMs / minuteMs - ago) * minuteMs).toISOString();
    const ends = metric === 'process.memory.usage' ? { value_min: value, value_max: value, value_last_ms: 5 } : {};
    windows.set(`${series_id} ${ts} ${writer}`, { ts, series_id, writer, value_last: value, ...ends });
  }
  await seedWindows(stage.sql, 'telemetry_open_windows', [...windows.values()]);
}

test('the leader and the API tell of one saturation', async () => {
  const settings = leaderSettings(readSettings(environment));
  await fc.assert(
    fc.asyncProperty(readings, async (all) => {
      const nowMs = Date.now();
      await seed(all, nowMs);
      const summariser = createSummariser(settings, new Date(nowMs));
      const { saturation } = (await stage.sql.begin((tx) => summariser.summarise(tx, 1))).vital_signs;
      const { database, pipeline, memory } = infrastructure.parse(await stage.read(`${base}/infrastructure?range=1h`));
      // Over the edge of a minute they look at other ones.
      fc.pre(Math.floor(Date.now() / minuteMs) === Math.floor(nowMs / minuteMs));
      const fills = [...database.pools, ...pipeline.queues, ...memory.processes].filter(
        ({ percent }) => percent !== null,
      );
      const alike = fills.filter(({ colour, percent }) => colour === saturation.colour && percent === saturation.value);
      const rank = { red: 3, yellow: 2, green: 1 } as const;
      const above = fills.filter(({ colour }) => rank[colour ?? 'green'] > rank[saturation.colour ?? 'green']);
      expect([fills.length === 0, above]).toEqual([saturation.value === null, []]);
      if (saturation.value !== null) expect(alike).not.toEqual([]);
    }),
    { numRuns: 60 },
  );
});
