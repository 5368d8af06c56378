import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { type Random, seededRandom } from '@command-center/infra/demo/random';
import type { Signal } from '@command-center/sidecar/decode/records';
import { afterEach, describe, expect, it } from 'vitest';
import { type Fault, type Plan, passAll } from '../collector/faults.ts';
import { type Counted, storedLedger } from '../collector/ledger.ts';
import { type Load, makeLoad, RECORDS, range, send } from '../collector/load.ts';
import { missing } from '../collector/programs.ts';
import { type ExporterName, openRoute, type Queue, type Route, undelivered } from '../collector/route.ts';

/** otlp-conformance item 30: restarts on both sides, with each queue that a collector can have. */

const reason = missing('otelcol');
const REQUESTS = 48;
const ENDS = 3;
const seed = Number(process.env.SENDERS_SEED ?? 1);

type Signals = 'SIGKILL' | 'SIGTERM';
interface Case {
  readonly exporter: ExporterName;
  readonly queue: Queue;
  readonly signal: Signals;
}

let route: Route | undefined;
afterEach(async () => {
  await route?.close();
  route = undefined;
});

/** Now and then a refusal or a lost answer, so that each end finds requests in backoff and requests that were stored in vain. */
function weather(exporter: ExporterName, random: Random): Plan {
  const status = exporter === 'otlp_grpc' ? 14 : 503;
  const faults: readonly [Fault, ...Fault[]] = [{ status }, { status, hint: '1' }, { status, isStored: true }];
  return () => (random.chance(0.3) ? random.pick(faults) : undefined);
}

/** Sends the load in parts; in the middle of each but the last, does `end`. */
async function sendThrough(opened: Route, service: string, random: Random, end: () => Promise<void>): Promise<Load> {
  const load = makeLoad(service, REQUESTS);
  const part = REQUESTS / (ENDS + 1);
  const { attempts } = opened.door;
  for (let round = 0; round <= ENDS; round += 1) {
    const wanted = attempts.length + random.integer(1, 2 * part);
    const sending = send(load, opened.gateway().http, range(round * part, (round + 1) * part));
    // Rejects while nobody waits for it, too.
    sending.catch(() => undefined);
    if (round < ENDS) {
      await expect.poll(() => attempts.length, { timeout: 30_000, interval: 2 }).toBeGreaterThanOrEqual(wanted);
      await end();
    }
    await sending;
  }
  return load;
}

const sidecarEnds: readonly Case[] = [
  { exporter: 'otlp_grpc', queue: 'in memory', signal: 'SIGKILL' },
  { exporter: 'otlp_http', queue: 'in memory, with batch', signal: 'SIGTERM' },
  { exporter: 'otlp_grpc', queue: 'on disk, with batch', signal: 'SIGTERM' },
  { exporter: 'otlp_http', queue: 'on disk', signal: 'SIGKILL' },
];

describe('the sidecar ends and comes back', () => {
  it.for(sidecarEnds)(
    'by $signal, $exporter, queue $queue: nothing lost, nothing doubled',
    { timeout: 120_000 },
    async ({ exporter, queue, signal }, { skip }) => {
      if (reason !== undefined) skip(reason);
      const random = seededRandom(seed);
      const opened = await openRoute(exporter, { queue, plan: weather(exporter, random) });
      route = opened;
      const load = await sendThrough(opened, 'sidecar-ends', random, async () => {
        await opened.stage.end(signal);
        await delay(random.integer(0, 200));
        await opened.stage.start();
      });
      await opened.expectLedger(load);
    },
  );
});

describe('Postgres goes away and comes back, and the sidecar answers by itself', () => {
  it.for(['otlp_grpc', 'otlp_http'] as const)(
    '%s: it refuses for a while, nothing lost, nothing doubled',
    { timeout: 120_000 },
    async (exporter, { skip }) => {
      if (reason !== undefined) skip(reason);
      const random = seededRandom(seed);
      const opened = await openRoute(exporter);
      route = opened;
      const { door, stage } = opened;
      const load = await sendThrough(opened, 'postgres-away', random, async () => {
        await stage.cutDatabase();
        // Until something met the outage, and then a while of it.
        const met = door.attempts.length;
        await expect.poll(() => door.attempts.length, { timeout: 30_000, interval: 2 }).toBeGreaterThan(met + 3);
        await delay(random.integer(100, 1_500));
        expect(stage.sidecar().isAlive()).toBe(true);
        await stage.restoreDatabase();
      });
      await opened.expectLedger(load);
      // Each request once, and those again that met the outage.
      expect(door.attempts.length).toBeGreaterThan(3 * REQUESTS);
    },
  );
});

const storedQueueEnds: readonly Case[] = [
  { exporter: 'otlp_grpc', queue: 'on disk', signal: 'SIGKILL' },
  { exporter: 'otlp_http', queue: 'on disk', signal: 'SIGTERM' },
  { exporter: 'otlp_http', queue: 'on disk, with batch', signal: 'SIGKILL' },
  { exporter: 'otlp_grpc', queue: 'on disk, with batch', signal: 'SIGTERM' },
];

const memoryQueueEnds: readonly Case[] = [
  { exporter: 'otlp_grpc', queue: 'in memory', signal: 'SIGKILL' },
  { exporter: 'otlp_http', queue: 'in memory', signal: 'SIGTERM' },
];

describe('the collector ends and comes back', () => {
  it.for(storedQueueEnds)(
    'by $signal, $exporter, queue $queue: nothing lost, nothing doubled',
    { timeout: 120_000 },
    async ({ exporter, queue, signal }, { skip }) => {
      if (reason !== undefined) skip(reason);
      const random = seededRandom(seed);
      const opened = await openRoute(exporter, { queue, plan: weather(exporter, random) });
      route = opened;
      const load = await sendThrough(opened, 'collector-ends', random, () => opened.restartGateway(signal));
      await opened.expectLedger(load);
    },
  );

  it.for(memoryQueueEnds)(
    'by $signal, $exporter, queue $queue: the loss is exactly what it had not delivered',
    { timeout: 120_000 },
    async ({ exporter, queue, signal }, { skip }) => {
      if (reason !== undefined) skip(reason);
      const random = seededRandom(seed);
      const opened = await openRoute(exporter, { queue, plan: weather(exporter, random) });
      route = opened;
      const load = await sendThrough(opened, 'collector-forgets', random, () => opened.restartGateway(signal));
      // Nothing is under way any more once it has stopped.
      await opened.gateway().stop();
      await opened.expectLedger(load, undelivered(load, opened.door));
    },
  );

  it('by SIGKILL, queue in memory, with batch: nothing doubled', { timeout: 120_000 }, async ({ skip }) => {
    if (reason !== undefined) skip(reason);
    const random = seededRandom(seed);
    const opened = await openRoute('otlp_grpc', { queue: 'in memory, with batch', plan: weather('otlp_grpc', random) });
    route = opened;
    const load = await sendThrough(opened, 'collector-forgets', random, () => opened.restartGateway('SIGKILL'));
    await opened.gateway().stop();
    const { requests } = await storedLedger(opened.stage.sql, load);
    expect(requests.filter(isDoubled)).toEqual([]);
  });
});

function isDoubled({ logs, spans, deltas, durations }: Counted): boolean {
  return logs > RECORDS || spans > RECORDS || durations > 1 || deltas.some((times) => times > 1);
}

describe('vector 25, rebatch-after-kill: SIGKILL between two of the flushes of one queue item (otlp-reference.md §E)', () => {
  it.for(['otlp_grpc', 'otlp_http'] as const)(
    '%s: all of it comes again, and the rows stay as they are',
    { timeout: 60_000 },
    async (exporter, { skip }) => {
      if (reason !== undefined) skip(reason);
      // One record a flush: three of logs and of spans, seven of points.
      const sending = `exporters::${exporter}::sending_queue`;
      const changes = [
        `${sending}::batch: {flush_timeout: 50ms, min_size: 1, max_size: 1, sizer: items}`,
        `${sending}::num_consumers: 1`,
      ];
      const status = exporter === 'otlp_grpc' ? 14 : 503;
      const flushes = new Map<Signal, number>();
      const onlyTheFirst: Plan = (signal) => {
        flushes.set(signal, (flushes.get(signal) ?? 0) + 1);
        return flushes.get(signal) === 1 ? undefined : { status };
      };
      const opened = await openRoute(exporter, { plan: onlyTheFirst, changes });
      route = opened;
      const { door } = opened;
      const load = makeLoad('rebatched', 1);
      await send(load, opened.gateway().http, [0]);
      const refused = (): Set<Signal> =>
        new Set(door.attempts.filter(({ fault }) => fault).map(({ signal }) => signal));
      await expect.poll(() => refused().size, { timeout: 20_000 }).toBe(3);
      await expect.poll(async () => (await storedLedger(opened.stage.sql, load)).requests[0]?.logs).toBe(1);
      const before = door.attempts.length;
      await opened.restartGateway('SIGKILL', () => door.meet(passAll));
      await opened.expectLedger(load);
      const again = door.attempts.slice(before).filter(({ fault }) => fault === undefined);
      const recordsOf = (signal: Signal): number => again.filter((attempt) => attempt.signal === signal).length;
      expect([recordsOf('logs'), recordsOf('traces'), recordsOf('metrics')]).toEqual([RECORDS, RECORDS, 7]);
    },
  );
});
