import type { Infrastructure } from '@command-center/contract/api/infrastructure';
import { describe, expect, it } from 'vitest';
import { infrastructureOf } from '../../../dev/infrastructure.ts';
import { summaryOf } from '../../../dev/summary.ts';
import {
  droppedNote,
  exportSeries,
  failuresNote,
  idlePercent,
  memoryNote,
  poolNote,
  queryNote,
  queryText,
  queueNote,
  statusOf,
} from './words.ts';

const nbsp = '\u00a0';
const nowMs = Date.UTC(2026, 10, 27, 3);
const { database, pipeline } = infrastructureOf('ok', new URLSearchParams({ range: '1h' }), nowMs);
const pool = { service: 'orders', percent: 60, colour: null, age_s: 70, used: 24, idle: 10, max: 40 };
const silent = { service: 'orders', percent: null, colour: null, age_s: 310 };

describe('how full something is', () => {
  it('says what is used, idle and the most there may be, as far as it is known', () => {
    expect(poolNote(pool)).toBe('24 used, 10 idle, of 40');
    expect(poolNote({ ...pool, idle: null, max: null })).toBe('24 used');
    expect(idlePercent(pool)).toBe(25);
    expect(idlePercent({ ...pool, max: null })).toBeNull();
    expect(idlePercent({ ...pool, max: 0 })).toBeNull();
  });

  it('says of a queue its size and of a process its bytes', () => {
    const queue = { ...silent, exporter: 'otlp', data_type: 'traces', size: 940, capacity: 1_000 };
    expect(queueNote(queue)).toBe('940 of 1,000');
    expect(memoryNote({ ...silent, bytes: 2 ** 29 })).toBe(`512${nbsp}MiB`);
  });

  it('that nobody reports any more is not empty: it says for how long', () => {
    expect(poolNote({ ...silent, used: null, idle: null, max: null })).toBe(`silent for 5${nbsp}min`);
    expect(memoryNote({ ...silent, age_s: null, bytes: null })).toBe('nothing heard in the last hour');
    expect(poolNote({ ...pool, used: 0, idle: 0 })).toBe('0 used, 0 idle, of 40');
  });
});

describe('the p95 of queries', () => {
  const query = (change: Partial<Infrastructure['database']['query']>) => ({ ...database.query, ...change });

  it('says how exact it is', () => {
    const exact = query({ p95: 14.2, p95_quality: 'exact', n: 9 });
    expect([queryText(exact), queryNote(exact)]).toEqual([`≈${nbsp}14.2${nbsp}ms`, '9 queries']);
    const bounded = query({ p95: 612, p95_lo: 500, p95_hi: 750, p95_quality: 'bounded', n: 9 });
    expect([queryText(bounded), queryNote(bounded)]).toEqual([
      `612${nbsp}ms`,
      `[500${nbsp}ms, 750${nbsp}ms], 9 queries`,
    ]);
    expect(queryText(query({ p95: 10_000, p95_lo: 10_000, p95_hi: null, p95_quality: 'overflow' }))).toBe(
      `>${nbsp}10${nbsp}s`,
    );
  });

  it('of no queries is neither 0 nor unknown', () => {
    expect(queryText(query({ p95: null, p95_quality: null, n: 0 }))).toBe('no queries');
    expect(queryText(query({ p95: null, p95_quality: null, n: 4 }))).toBe('not known');
  });
});

describe('what became of telemetry', () => {
  it('shows the counts of a failure rate, and below 20 exports why it has no colour', () => {
    const failures = (n: number, numerator: number) => failuresNote({ ...pipeline.export_failures, n, numerator });
    expect(failures(49_842, 3_987)).toBe('3,987 of 49,842 lost');
    expect(failures(19, 1)).toBe('1 of 19 lost: too few for a colour (20 needed)');
    expect(failures(0, 0)).toBe('no collector reports any');
  });

  it('tells no dropped spans from nobody who counts them', () => {
    const dropped = (last_5_min: number | null, in_range: number | null) =>
      droppedNote({ ...pipeline.dropped_spans, last_5_min, in_range });
    expect(dropped(0, 0)).toBe('0 in this range');
    expect(dropped(0, null)).toBe('in the last 5 min');
    expect(dropped(null, null)).toBe('no SDK reports any; 0 is worth reporting');
  });

  it('draws what was lost below what was sent, the window that still counts apart', () => {
    const at = (ms: number) => new Date(nowMs + ms).toISOString();
    const exports = [
      { ts: at(0), sent: 90, failed: 10 },
      { ts: at(60_000), sent: 40, failed: 0 },
    ];
    const [failed, sent] = exportSeries({ exports }, nowMs + 90_000, 60_000);
    expect([failed?.name, sent?.name]).toEqual(['failed', 'sent']);
    expect(failed?.points).toEqual([
      { tsMs: nowMs, isOpen: false, value: 10 },
      { tsMs: nowMs + 60_000, isOpen: true, value: 0 },
    ]);
    expect(exportSeries({ exports: [] }, nowMs, 60_000)).toEqual([]);
  });
});

describe('a status', () => {
  const answered = summaryOf('ok', nowMs).services.find(({ id }) => id === 'postgresql') ?? null;

  it('is that of the summary, which is pushed, and of the answer where the summary does not know it', () => {
    expect(statusOf('postgresql', answered, summaryOf('down', nowMs))?.status).toBe('down');
    expect(statusOf('postgresql', answered, null)).toBe(answered);
    expect(statusOf('mailer', null, summaryOf('ok', nowMs))).toBeNull();
  });
});
