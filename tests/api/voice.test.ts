import { voiceQuality, voiceSummary } from '@command-center/contract/api/voice';
import { explicitSpans } from '@command-center/contract/sketch/build';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seedDays, seedRollups, seedSeries, seedWindows } from './seed.ts';
import { base, openStage, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');

let stage: Stage;
beforeEach(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 2 * 86_400_000, now);
});
afterEach(() => stage.close());

const summary = async () => voiceSummary.parse(await stage.read(`${base}/voice/summary`));
const quality = async (query = 'range=1h') => voiceQuality.parse(await stage.read(`${base}/voice/quality?${query}`));

const minute = (time: string): string => `2026-03-10T${time}:00Z`;

async function count(metric: string, labels: Record<string, string>, sums: Readonly<Record<string, number>>) {
  const series_id = await seedSeries(stage.sql, metric, { 'service.name': 'sfu', ...labels });
  const windows = Object.entries(sums).map(([time, sum]) => ({
    ts: minute(time),
    series_id,
    writer: 1,
    value_sum: sum,
    value_count: sum,
  }));
  await seedWindows(stage.sql, 'telemetry_metric_samples', windows);
}
const joins = (outcome: string, sums: Readonly<Record<string, number>>) =>
  count('kaiku_voice_joins_total', { 'voice.session_outcome': outcome }, sums);

async function level(metric: string, service: string, values: Readonly<Record<string, number>>) {
  const series_id = await seedSeries(stage.sql, metric, { 'service.name': service });
  const windows = Object.entries(values).map(([time, value_last]) => ({
    ts: minute(time),
    series_id,
    writer: 1,
    value_last,
  }));
  await seedWindows(stage.sql, 'telemetry_open_windows', windows);
}

async function measure(metric: string, time: string, bounds: readonly number[], counts: readonly number[]) {
  const series_id = await seedSeries(stage.sql, metric, { 'service.name': `sfu-${time}` });
  const sketch = encodeSketch(explicitSpans(bounds, counts, { factor: 1, isSigned: false }));
  const value_count = counts.reduce((sum, one) => sum + one, 0);
  await seedWindows(stage.sql, 'telemetry_metric_samples', [
    { ts: minute(time), series_id, writer: 1, value_count, value_sum: 1, sketch },
  ]);
}

const partOf = (answer: Awaited<ReturnType<typeof summary>>, id: string) =>
  answer.health.parts.find((part) => part.id === id);

describe('how voice is doing (contract.md §4, "Voice health score")', () => {
  test('an empty database knows nothing: no score, no value, no colour', async () => {
    const answer = await summary();
    expect(answer.health.score).toBeNull();
    expect(answer.health.parts).toHaveLength(4);
    for (const part of answer.health.parts)
      expect(part).toMatchObject({ value: null, weight: null, n: 0, colour: null });
    expect(answer.join_success_24h).toMatchObject({ value: null, n: 0, colour: null });
    expect(answer.sessions).toMatchObject({ value: null, age_s: null });
    expect(answer.sessions.sparkline).toHaveLength(60);
  });

  test('a percentile that may be green as well as red has no colour (docs/adr/0022)', async () => {
    await measure('kaiku_voice_jitter_ms', '12:10', [60], [100, 0]);
    expect(partOf(await summary(), 'jitter')).toMatchObject({ quality: 'bounded', lo: 0, colour: null });
  });

  test('sessions and rooms are those of the newest complete minute over all services; a gap stays a gap', async () => {
    await level('kaiku_voice_sessions_active', 'a', { '12:20': 1, '12:29': 3, '12:30': 100 });
    await level('kaiku_voice_sessions_active', 'b', { '12:29': 4 });
    await level('kaiku_voice_rooms_active', 'a', { '12:29': 0 });
    const { sessions, rooms } = await summary();
    expect(sessions).toMatchObject({ value: 7, age_s: 30 });
    expect(sessions.sparkline.at(-1)).toEqual({ ts: '2026-03-10T12:29:00.000Z', value: 7 });
    expect(sessions.sparkline.find(({ ts }) => ts === '2026-03-10T12:20:00.000Z')?.value).toBe(1);
    expect(sessions.sparkline.find(({ ts }) => ts === '2026-03-10T12:21:00.000Z')?.value).toBeNull();
    expect(rooms.value).toBe(0);
  });

  test('what was last reported over 3 min ago is not how it is now', async () => {
    await level('kaiku_voice_rooms_active', 'a', { '12:20': 5 });
    expect((await summary()).rooms).toMatchObject({ value: null, age_s: 630 });
  });

  test('join success of 24 h and of 1 h; too few joins take no colour', async () => {
    await joins('connected', { '06:00': 70, '12:20': 9 });
    await joins('failed', { '06:00': 30, '12:20': 1 });
    const { join_success_24h, join_success_1h } = await summary();
    expect(join_success_24h).toMatchObject({ n: 110, numerator: 79, colour: 'red' });
    expect(join_success_24h.value).toBeCloseTo((100 * 79) / 110);
    expect(join_success_1h).toMatchObject({ value: 90, n: 10, numerator: 9, colour: null });
  });

  test('the score adds up its parts, each with its value, weight, colour and number', async () => {
    await joins('connected', { '12:20': 90 });
    await joins('timeout', { '12:20': 10 });
    await measure('kaiku_voice_packet_loss_ratio', '12:10', [0.01, 0.02], [100, 0, 0]);
    await measure('kaiku_voice_jitter_ms', '12:10', [20, 40], [0, 0, 100]);
    await measure('kaiku_voice_session_duration_seconds', '12:10', [60], [30, 10]);
    await count('kaiku_voice_session_crashes_total', {}, { '12:10': 4 });
    const answer = await summary();
    expect(partOf(answer, 'join_success')).toMatchObject({
      value: 90,
      weight: 40,
      points: 36,
      n: 100,
      colour: 'yellow',
    });
    expect(partOf(answer, 'packet_loss')).toMatchObject({
      weight: 30,
      n: 100,
      unit: '%',
      quality: 'bounded',
      colour: 'green',
    });
    expect(partOf(answer, 'jitter')).toMatchObject({ weight: 20, quality: 'overflow', hi: null, colour: 'yellow' });
    expect(partOf(answer, 'crashes')).toMatchObject({ value: 10, weight: 10, points: 9, n: 40, colour: null });
    const points = answer.health.parts.reduce((sum, part) => sum + (part.points ?? 0), 0);
    expect(answer.health.score).toBeCloseTo(points);
  });

  test('a part without data is left out, and crashes that nobody reports are no data', async () => {
    await joins('connected', { '12:20': 50 });
    await measure('kaiku_voice_session_duration_seconds', '12:10', [60], [30, 10]);
    const answer = await summary();
    expect(answer.health.score).toBe(100);
    expect(partOf(answer, 'join_success')?.weight).toBe(100);
    expect(partOf(answer, 'crashes')).toMatchObject({ value: null, weight: null, points: null, n: 40 });
  });
});

describe('how good voice was over time', () => {
  test('an empty database answers empty series and distributions', async () => {
    const answer = await quality();
    expect(answer).toMatchObject({ resolution: '1m', join_success: [], packet_loss: { points: [] } });
    expect(answer.session_duration).toEqual({ unit: 's', count: 0, bins: [], estimated: false });
    expect(answer.quality).toEqual({ totals: { poor: 0, fair: 0, good: 0, excellent: 0 }, points: [] });
  });

  test('minutes up to 6 h, beyond it whole hours that say so', async () => {
    expect(await quality('range=6h')).toMatchObject({ resolution: '1m', from: '2026-03-10T06:30:30.000Z' });
    expect(await quality('range=24h')).toMatchObject({ resolution: '1h', from: '2026-03-09T12:00:00.000Z' });
  });

  test('percentiles by window, in the shape of /trends', async () => {
    await measure('kaiku_voice_packet_loss_ratio', '12:10', [0.01, 0.02], [10, 10, 0]);
    await measure('kaiku_voice_packet_loss_ratio', '12:12', [0.01, 0.02], [10, 0, 0]);
    const { packet_loss } = await quality();
    expect(packet_loss.points.map(({ ts }) => ts)).toEqual(['2026-03-10T12:10:00.000Z', '2026-03-10T12:12:00.000Z']);
    expect(packet_loss.points[0]).toMatchObject({ count: 20, p50_quality: 'bounded', p95: expect.any(Number) });
    expect((await quality('range=24h')).packet_loss.points).toMatchObject([
      { ts: '2026-03-10T12:00:00.000Z', count: 30 },
    ]);
  });

  test('join success by window has its numbers; where nobody tried it is null', async () => {
    await joins('connected', { '12:10': 3, '12:11': 0 });
    await joins('failed', { '12:10': 1, '12:12': 2 });
    expect((await quality()).join_success).toEqual([
      { ts: '2026-03-10T12:10:00.000Z', value: 75, n: 4, numerator: 3 },
      { ts: '2026-03-10T12:11:00.000Z', value: null, n: 0, numerator: 0 },
      { ts: '2026-03-10T12:12:00.000Z', value: 0, n: 2, numerator: 0 },
    ]);
  });

  test('quality classes by window and over the range', async () => {
    await count('kaiku_voice_quality_total', { quality: 'good' }, { '12:10': 3, '12:11': 1 });
    await count('kaiku_voice_quality_total', { quality: 'poor' }, { '12:11': 2 });
    expect((await quality()).quality).toEqual({
      totals: { poor: 2, fair: 0, good: 4, excellent: 0 },
      points: [
        { ts: '2026-03-10T12:10:00.000Z', poor: 0, fair: 0, good: 3, excellent: 0 },
        { ts: '2026-03-10T12:11:00.000Z', poor: 2, fair: 0, good: 1, excellent: 0 },
      ],
    });
  });

  test('distributions are of the whole range, rolled-up hours and live minutes together', async () => {
    const metric = 'kaiku_voice_room_participants';
    const series_id = await seedSeries(stage.sql, metric, { 'service.name': 'sfu' });
    const sketch = encodeSketch(explicitSpans([2, 8], [5, 3, 0], { factor: 1, isSigned: false }));
    await seedRollups(stage.sql, [{ bucket: '2026-03-10T04:00:00Z', series_id, value_count: 8, value_sum: 1, sketch }]);
    await stage.sql`UPDATE telemetry_rollup_progress SET next_hour = '2026-03-10T12:00:00Z'`;
    await measure(metric, '12:10', [2, 8], [1, 1, 1]);
    const { participants } = await quality('range=24h');
    expect(participants).toMatchObject({ unit: '{participant}', count: 11, estimated: false });
    expect(participants.bins).toEqual([
      { lower: 0, upper: 2, count: 6 },
      { lower: 2, upper: 8, count: 4 },
      { lower: 8, upper: null, count: 1 },
    ]);
  });
});
