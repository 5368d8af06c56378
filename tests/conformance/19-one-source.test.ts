import type { MetricTree } from '@command-center/sidecar/decode/testing/trees';
import { describe, expect, it } from 'vitest';
import { minutesOf, reasonsOf } from './metricRows.ts';
import { useMetricStage } from './metricStage.ts';
import { explicit, gauge, minuteZeroMs, number } from './metrics.ts';
import { type Attributes, metricOf } from './requests.ts';

const stage = useMetricStage();

const DURATION = 'http.server.request.duration';
const REQUESTS = 'kaiku_http_requests_total';
const ERRORS = 'kaiku_http_errors_total';
const EACH = 10;

/** Ten requests a minute, reported at half past it as a total since minute zero; old values take 0.1 s, new ones 0.2 s, to tell them apart. */
const at = (minute: number): number => minute * 60 + 30;
const labels = (status?: bigint): { attributes: Attributes } => ({
  attributes: { 'http.route': '/x', ...(status === undefined ? {} : { 'http.response.status_code': status }) },
});
const stable = (minute: number, status?: bigint): MetricTree => {
  const n = EACH * (minute + 1);
  const point = explicit(0, at(minute), [1], [n, 0], { sum: n * 0.2 }, labels(status));
  return metricOf(DURATION, [point], { kind: 'histogram', unit: 's', isMonotonic: false });
};
const older = (minute: number, status?: bigint): MetricTree => {
  const n = EACH * (minute + 1);
  const point = explicit(0, at(minute), [1_000], [n, 0], { sum: n * 100 }, labels(status));
  return metricOf('http.server.duration', [point], { kind: 'histogram', unit: 'ms', isMonotonic: false });
};
const requests = (minute: number): MetricTree =>
  metricOf(REQUESTS, [number(0, at(minute), EACH * (minute + 1), labels())]);

/** One request after another, so that it is known which came first. */
async function sendInTurn(service: string, ...metrics: readonly MetricTree[]): Promise<void> {
  for (const metric of metrics) await stage.send(service, [metric]);
}

/** Which name each stored minute is from, by what its requests took. */
async function held(service: string): Promise<string[]> {
  const rows = await minutesOf(stage.sql, service, DURATION);
  return rows.map(({ minute, count, sum }) => {
    const each = Math.round((sum ?? 0) * 10) / (count ?? 0);
    return `${minute}: ${count} ${each === 1 ? 'old' : each === 2 ? 'new' : 'both'}`;
  });
}

async function counts(service: string, name: string): Promise<[number, number | null][]> {
  return (await minutesOf(stage.sql, service, name)).map(({ minute, sum }) => [minute, sum]);
}

const sourcesOf = (service: string) =>
  stage.sql<{ source: string; minute: number }[]>`
    SELECT source, (extract(epoch FROM from_minute)::float8 * 1000 - ${minuteZeroMs}) / 60000 AS minute FROM telemetry_metric_sources
    WHERE holder = ${`service:${service}`} ORDER BY from_minute`;

const minutes = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('old and new conventions side by side (http/dup) count once: the stable one wins', () => {
  it('takes over from the second whole minute after its first point; until then the first one holds', async () => {
    for (const minute of minutes(0, 4)) await sendInTurn('dup', older(minute), stable(minute));
    expect(await held('dup')).toEqual(['0: 10 old', '1: 10 old', '2: 10 new', '3: 10 new', '4: 10 new']);
    expect(await counts('dup', REQUESTS)).toEqual(minutes(0, 4).map((minute) => [minute, EACH]));
    expect(await reasonsOf(stage.sql, 'dup')).toEqual({ other_source: 5 });
  });

  it('holds every minute where it came first', async () => {
    for (const minute of minutes(0, 3)) await sendInTurn('dup-new-first', stable(minute), older(minute));
    expect(await held('dup-new-first')).toEqual(minutes(0, 3).map((minute) => `${minute}: 10 new`));
  });

  it('both in one request, as the SDK sends them: each minute once, and soon the stable one', async () => {
    for (const minute of minutes(0, 4)) await stage.send('dup-together', [older(minute), stable(minute)]);
    const rows = await held('dup-together');
    expect(rows.map((row) => row.split(' ')[1])).toEqual(minutes(0, 4).map(() => '10'));
    expect(rows.slice(2)).toEqual(minutes(2, 4).map((minute) => `${minute}: 10 new`));
    expect(await counts('dup-together', REQUESTS)).toEqual(minutes(0, 4).map((minute) => [minute, EACH]));
    expect(await reasonsOf(stage.sql, 'dup-together')).toEqual({ other_source: 5 });
  });

  it('a first point on the edge of a minute belongs to the minute before, and so does its take-over', async () => {
    const edge = (minute: number): MetricTree => {
      const [point] = stable(minute).points;
      if (point === undefined) throw new Error('no point');
      return {
        ...stable(minute),
        points: [{ ...point, timeUnixNano: BigInt(minuteZeroMs + (minute + 1) * 60_000) * 1_000_000n }],
      };
    };
    for (const minute of minutes(0, 3)) await sendInTurn('dup-edge', older(minute), edge(minute));
    expect(await held('dup-edge')).toEqual(['0: 10 old', '1: 10 old', '2: 10 new', '3: 10 new']);
  });

  it('over a restart', async () => {
    for (const minute of minutes(0, 4)) {
      if (minute > 0) await stage.restart();
      await sendInTurn('dup-restart', older(minute), stable(minute));
    }
    expect(await held('dup-restart')).toEqual(['0: 10 old', '1: 10 old', '2: 10 new', '3: 10 new', '4: 10 new']);
  });

  it('with each name reaching another sidecar: all agree', async () => {
    const other = await stage.startAnother();
    for (const minute of minutes(0, 5)) {
      await stage.send('dup-two', [older(minute)]);
      await stage.send('dup-two', [stable(minute)], { http: other });
    }
    expect(await held('dup-two')).toEqual([
      '0: 10 old',
      '1: 10 old',
      ...minutes(2, 5).map((minute) => `${minute}: 10 new`),
    ]);
    expect(await counts('dup-two', REQUESTS)).toEqual(minutes(0, 5).map((minute) => [minute, EACH]));
  });

  it('errors derived from it count once, too', async () => {
    for (const minute of minutes(0, 3)) await stage.send('dup-errors', [older(minute, 503n), stable(minute, 503n)]);
    expect(await counts('dup-errors', ERRORS)).toEqual(minutes(0, 3).map((minute) => [minute, EACH]));
  });

  it('old and new attribute names on one point are one label: the stable one', async () => {
    const both = { attributes: { 'http.method': 'PUT', 'http.request.method': 'GET', 'http.route': '/x' } };
    await stage.send('dup-labels', [{ ...stable(0), points: [explicit(0, 30, [1], [3, 0], {}, both)] }]);
    const rows = await minutesOf(stage.sql, 'dup-labels', DURATION);
    expect(rows.map((row) => row.labels['http.request.method'])).toEqual(['GET']);
  });

  it('per resource: a pod with the old name and one with the new one both count', async () => {
    for (const minute of minutes(0, 4)) {
      await stage.send('rolling', [older(minute)], { resource: { 'service.instance.id': 'a' } });
      await stage.send('rolling', [stable(minute)], { resource: { 'service.instance.id': 'b' } });
    }
    expect((await held('rolling')).map((row) => row.split(' ')[1])).toEqual(minutes(0, 4).map(() => '20'));
    expect(await counts('rolling', REQUESTS)).toEqual(minutes(0, 4).map((minute) => [minute, 2 * EACH]));
  });
});

describe('database/dup', () => {
  it('a gauge of connections under both names is one number, never their sum', async () => {
    const connections = (name: string, label: string, minute: number) =>
      gauge([number(undefined, at(minute), 5, { attributes: { [label]: 'used' } })], name);
    for (const minute of minutes(0, 4)) {
      await stage.send('database', [
        connections('db.client.connections.usage', 'state', minute),
        connections('db.client.connection.count', 'db.client.connection.state', minute),
      ]);
    }
    const rows = await minutesOf(stage.sql, 'database', 'db.client.connection.count');
    expect(rows.map(({ minute, last }) => [minute, last])).toEqual(minutes(0, 4).map((minute) => [minute, 5]));
  });

  it('parts of one whole do not compete: active and idle connections both count', async () => {
    await stage.send('parts', [
      gauge([number(undefined, 30, 4)], 'kaiku_db_pool_connections_active'),
      gauge([number(undefined, 30, 6)], 'kaiku_db_pool_connections_idle'),
    ]);
    const rows = await minutesOf(stage.sql, 'parts', 'db.client.connection.count');
    expect(rows.map(({ labels: own, last }) => [own['db.client.connection.state'], last])).toEqual([
      ['idle', 6],
      ['used', 4],
    ]);
  });
});

describe('different instruments are chosen per service', () => {
  it('the counter of requests before the count of the latency histogram', async () => {
    for (const minute of minutes(0, 4)) await sendInTurn('instruments', stable(minute), requests(minute));
    expect(await counts('instruments', REQUESTS)).toEqual(minutes(0, 4).map((minute) => [minute, EACH]));
    // The histogram goes on counting as latency.
    expect(await held('instruments')).toEqual(minutes(0, 4).map((minute) => `${minute}: 10 new`));
    const sources = (await sourcesOf('instruments')).filter(({ source }) => source === REQUESTS);
    expect(sources).toContainEqual({ source: REQUESTS, minute: 2 });
  });

  it('for all its pods: one that reports otherwise is dropped and counted', async () => {
    const calls = (minute: number) =>
      metricOf('traces.span.metrics.calls', [
        number(0, at(minute), EACH * (minute + 1), {
          attributes: { 'span.kind': 'SPAN_KIND_SERVER', 'http.route': '/x' },
        }),
      ]);
    await stage.send('pods', [requests(0)], { resource: { 'service.instance.id': 'a' } });
    await stage.send('pods', [calls(0)], { resource: { 'service.instance.id': 'b' } });
    expect(await counts('pods', REQUESTS)).toEqual([[0, EACH]]);
    expect(await reasonsOf(stage.sql, 'pods')).toEqual({ other_source: 1 });
  });

  it('another service has its own choice', async () => {
    await stage.send('service-a', [requests(0)]);
    await stage.send('service-b', [stable(0)]);
    expect(await counts('service-b', REQUESTS)).toEqual([[0, EACH]]);
  });
});

describe('who holds a minute of data time', () => {
  it('the first source of a holder holds earlier minutes too', async () => {
    const alone = (minute: number): MetricTree => {
      const point = explicit(at(minute) - 20, at(minute), [1], [EACH, 0], { sum: EACH * 0.2 }, labels());
      return { ...stable(minute), points: [point] };
    };
    await stage.send('earlier', [alone(9)]);
    await stage.send('earlier', [alone(4)]);
    expect(await held('earlier')).toEqual(['4: 10 new', '9: 10 new']);
  });

  it('a lower source takes over from the next minute once the higher was silent for 10 min, with what it gained since', async () => {
    await stage.send('silent', [stable(0), older(0)]);
    for (const minute of minutes(1, 12)) await stage.send('silent', [older(minute)]);
    // Silent since minute 0: ten minutes are over in minute 10. Its state went on, so minute 11 is no history.
    expect(await held('silent')).toEqual(['0: 10 new', '11: 10 old', '12: 10 old']);
    expect(await reasonsOf(stage.sql, 'silent')).toEqual({ other_source: 11 });
  });

  it('and gives way from the second whole minute after the higher comes back', async () => {
    await stage.send('back', [stable(0)]);
    for (const minute of minutes(1, 11)) await stage.send('back', [older(minute)]);
    for (const minute of minutes(12, 14)) await stage.send('back', [older(minute), stable(minute)]);
    // What it shows then was counted since half past minute 0, and is spread: its own minutes take their part.
    expect(await held('back')).toEqual([
      '0: 15 new',
      ...minutes(1, 10).map((minute) => `${minute}: 10 new`),
      ...['11: 10 old', '12: 10 old', '13: 10 old', '14: 10 new'],
    ]);
  });

  it('the same with each source reaching another sidecar', async () => {
    const other = await stage.startAnother();
    for (const minute of minutes(0, 12)) {
      await stage.send('never-silent', [older(minute)]);
      await stage.send('never-silent', [stable(minute)], { http: other });
    }
    expect((await held('never-silent')).slice(2)).toEqual(minutes(2, 12).map((minute) => `${minute}: 10 new`));
  });

  it('a point without recorded value speaks for no source', async () => {
    const ended = (minute: number): MetricTree => ({
      ...stable(minute),
      points: stable(minute).points.map((point) => ({ ...point, flags: 1 })),
    });
    for (const minute of minutes(0, 3)) await stage.send('ended', [older(minute), ended(minute)]);
    expect(await held('ended')).toEqual(minutes(0, 3).map((minute) => `${minute}: 10 old`));
  });
});
