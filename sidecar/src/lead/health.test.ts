import type { StoredSummary } from '@command-center/contract/api/summary';
import { readSettings } from '@command-center/contract/settings/settings';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answers, fails } from './probes/probe.ts';
import type { ProbeResults } from './services.ts';
import { leaderSettings } from './settings.ts';
import { createSummariser } from './summarise.ts';
import {
  additiveRow,
  counterRow,
  histogramRow,
  minuteBefore,
  openTelemetry,
  type Telemetry,
} from './testing/telemetry.ts';

let telemetry: Telemetry;
beforeEach(async () => {
  telemetry = await openTelemetry();
});
afterEach(() => telemetry.close());

interface Leader {
  /** One pass whose transaction is committed. */
  pass(probed?: ProbeResults): Promise<StoredSummary>;
  /** One pass that is rolled back at its end. */
  lostPass(probed?: ProbeResults): Promise<unknown>;
}

function leader(writer: number): Leader {
  const own = createSummariser(leaderSettings(readSettings({})), new Date(telemetry.nowMs));
  return {
    pass: async (probed) => {
      const summary = await telemetry.sql.begin((tx) => own.summarise(tx, writer, probed));
      own.committed();
      return summary;
    },
    lostPass: (probed) =>
      telemetry.sql
        .begin(async (tx) => {
          await own.summarise(tx, writer, probed);
          throw new Error('the lease is lost');
        })
        .catch(() => undefined),
  };
}

const well: ProbeResults = new Map([['valkey', answers('PING answers')]]);
const failing: ProbeResults = new Map([['valkey', fails('connection refused')]]);
const valkey = ({ services }: StoredSummary) => services.find(({ id }) => id === 'valkey');
const written = () =>
  telemetry.sql`SELECT service_id, old_status, new_status, reason FROM telemetry_health_transitions`;
const down = { service_id: 'valkey', old_status: 'healthy', new_status: 'down', reason: 'connection refused' };

describe('who leads changes a status by two findings of its own (design §6)', () => {
  test('the second failed probe is written at once, with its reason, and told in the summary', async () => {
    const { pass } = leader(1);
    const first = await pass(well);
    expect(valkey(first)).toMatchObject({ status: 'healthy', reason: 'PING answers' });
    expect(valkey(await pass(failing))).toEqual(valkey(first));
    expect(await written()).toHaveLength(0);
    const after = await pass(failing);
    expect(valkey(after)).toMatchObject({ status: 'down', reason: 'connection refused' });
    expect(after.verdict).toMatchObject({ status: 'down', reason: 'Valkey: connection refused' });
    expect([...(await written())]).toEqual([down]);
    expect(after.transitions).toEqual([
      {
        ts: valkey(after)?.since,
        service: 'valkey',
        old_status: 'healthy',
        new_status: 'down',
        reason: 'connection refused',
      },
    ]);
  });

  test('a new leader shows what stood, since when it stood, and needs two findings', async () => {
    const first = await leader(1).pass(well);
    const { pass } = leader(2);
    expect(valkey(await pass(failing))).toEqual(valkey(first));
    expect(valkey(await pass(failing))).toMatchObject({ status: 'down' });
    expect([...(await written())]).toEqual([down]);
  });

  test('a finding from before another one led does not count', async () => {
    const frozen = leader(1);
    const first = await frozen.pass(well);
    await frozen.pass(failing);
    await leader(2).pass(well);
    expect(valkey(await frozen.pass(failing))).toEqual(valkey(first));
    expect(await written()).toHaveLength(0);
  });

  test('a finding whose transaction was rolled back does not count, and one that was to be written stands', async () => {
    const { pass, lostPass } = leader(1);
    await pass(well);
    await lostPass(failing);
    expect(valkey(await pass(failing))).toMatchObject({ status: 'healthy' });
    await lostPass(failing);
    expect(await written()).toHaveLength(0);
    expect(valkey(await pass(failing))).toMatchObject({ status: 'down' });
  });

  test('the newest twenty transitions of the last 24 h are told, newest first', async () => {
    await telemetry.sql`
      INSERT INTO telemetry_health_transitions (ts, service_id, old_status, new_status, reason)
      SELECT now() - n * interval '1 hour', 's3', 'healthy', 'down', n::text FROM generate_series(1, 30) AS n`;
    const { transitions } = await leader(1).pass(well);
    expect(transitions.map(({ reason }) => reason)).toEqual(Array.from({ length: 20 }, (_, n) => String(n + 1)));
    await telemetry.sql`DELETE FROM telemetry_health_transitions WHERE ts > now() - interval '22 hours 30 minutes'`;
    expect((await leader(1).pass(well)).transitions.map(({ reason }) => reason)).toEqual(['23']);
  });
});

describe('what voice does now', () => {
  const sfu = { 'service.name': 'sfu' };

  test('sessions and rooms over all series, and the share of joins of the last hour that succeeded', async () => {
    const { series, write, nowMs } = telemetry;
    const at = minuteBefore(nowMs, 2);
    const sessions = [
      await series('kaiku_voice_sessions_active', sfu),
      await series('kaiku_voice_sessions_active', {}),
    ];
    const rooms = await series('kaiku_voice_rooms_active', sfu);
    const joined = await series('kaiku_voice_joins_total', { ...sfu, 'voice.session_outcome': 'connected' });
    const failed = await series('kaiku_voice_joins_total', { ...sfu, 'voice.session_outcome': 'failed' });
    await write(1, ...sessions.map((id, index) => additiveRow(id, at, 10 + index)), additiveRow(rooms, at, 3));
    await write(1, counterRow(joined, minuteBefore(nowMs, 50), 60), counterRow(failed, minuteBefore(nowMs, 0), 20));
    // Beyond the hour.
    await write(1, counterRow(failed, minuteBefore(nowMs, 70), 1_000));
    expect((await leader(1).pass()).voice).toEqual({ active_sessions: 21, active_rooms: 3, join_success_rate_1h: 75 });
  });

  test('null where nothing was reported in 3 min, and where nobody joined', async () => {
    const rooms = await telemetry.series('kaiku_voice_rooms_active', sfu);
    await telemetry.write(1, additiveRow(rooms, minuteBefore(telemetry.nowMs, 6), 3));
    const { voice } = await leader(1).pass();
    expect(voice).toEqual({ active_sessions: null, active_rooms: null, join_success_rate_1h: null });
  });
});

describe('a percentile that may be green as well as red has no colour (docs/adr/0022)', () => {
  /** The default buckets of an SDK, made for milliseconds; 5 lies in a bin of the grid that ends a little above it. */
  const millisecondBuckets = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000];
  const counted = (bucket: number) => Array.from({ length: 12 }, (_, index) => (index === bucket ? 100 : 0));

  test('seconds in buckets for milliseconds: the sign says why, and nothing is red', async () => {
    const duration = await telemetry.series('http.server.request.duration', { 'service.name': 'orders' });
    await telemetry.write(1, histogramRow(duration, minuteBefore(telemetry.nowMs, 2), millisecondBuckets, counted(1)));
    const { vital_signs: signs, alerts, verdict } = await leader(1).pass();
    expect(signs.latency).toMatchObject({
      colour: null,
      unknown: false,
      subject: 'p95 over 5 min, between 0 and 5100 ms: its buckets are too coarse to tell',
    });
    expect(alerts).toEqual([]);
    expect(verdict.status).toBe('ok');
    expect(verdict.reason).toBe(`Latency cannot be judged: ${signs.latency.subject}`);
  });

  test('and what is red wherever it lies stays red', async () => {
    const duration = await telemetry.series('http.server.request.duration', { 'service.name': 'orders' });
    await telemetry.write(1, histogramRow(duration, minuteBefore(telemetry.nowMs, 2), millisecondBuckets, counted(2)));
    const { vital_signs: signs, alerts, verdict } = await leader(1).pass();
    expect(signs.latency).toMatchObject({ colour: 'red', subject: 'p95 over 5 min, slowest: orders' });
    expect(alerts).toMatchObject([{ signal: 'API p95 latency', colour: 'red' }]);
    expect(verdict.status).toBe('degraded');
  });
});
