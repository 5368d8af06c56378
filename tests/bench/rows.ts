import { hash } from 'node:crypto';
import process from 'node:process';
import { explicitSpans } from '@command-center/contract/sketch/build';
import { encodeSketch } from '@command-center/contract/sketch/codec';
import { connect } from '@command-center/drizzle/connect';
import { ensurePartitions } from '@command-center/drizzle/partitions';
import { MAX_BLOCK_STREAMS, type StreamEntry } from '@command-center/sidecar/aggregate/block';
import { StreamBlock } from '@command-center/sidecar/aggregate/streamBlock';
import { type BlockRow, writeBlocks } from '@command-center/sidecar/store/blocks';
import { inTransaction } from '@command-center/sidecar/store/transaction';
import { type WindowRow, writeWindows } from '@command-center/sidecar/store/windows';
import type { Sql, TransactionSql } from 'postgres';
import { treeCpuSeconds } from './cpu.ts';

/**
 * `node tests/bench/rows.ts <database URL> <pid of its Postgres>`: what one committed row costs, apart from everything else of a batch. Rows are
 * written again and again by the product's own statements, as many a transaction as a batch of the loads has; a transaction that writes none is
 * taken off. Prints a line of JSON.
 */

const TRANSACTIONS = 60;
const BLOCKS = 128;
const WINDOWS = 100;
/** A family's streams spread over its blocks: a block is split when it is full, and so is three quarters full on average. */
const STREAMS = (MAX_BLOCK_STREAMS * 3) / 4;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30];

const [, , databaseUrl = '', postgresPid = ''] = process.argv;
const sql = connect(databaseUrl, { name: 'bench-rows', max: 1 });
try {
  const now = Date.now();
  await ensurePartitions(sql, [new Date(now)]);
  const empty = await cost(sql, async () => undefined);
  const each = async (rows: number, write: (tx: TransactionSql, round: number) => Promise<void>) => {
    const all = await cost(sql, write);
    const us = (whole: number, without: number): number =>
      Math.round(((whole - without) / (TRANSACTIONS * rows)) * 1e7) / 10;
    return { sidecar_us: us(all.own, empty.own), postgres_us: us(all.postgres, empty.postgres) };
  };
  const minuteMs = Math.floor(now / 60_000) * 60_000;
  const [gauges, histograms] = [blockOf(gaugeState), blockOf(histogramState)];
  const figures = {
    gauge_block: await each(BLOCKS, (tx, round) => writeBlocks(tx, blockRows('1', round, gauges))),
    histogram_block: await each(BLOCKS, (tx, round) => writeBlocks(tx, blockRows('2', round, histograms))),
    window_row: await each(WINDOWS, (tx, round) => writeWindows(tx, 1, windowRows(1, minuteMs, round, false), now)),
    window_row_with_sketch: await each(WINDOWS, (tx, round) =>
      writeWindows(tx, 1, windowRows(1 + WINDOWS, minuteMs, round, true), now),
    ),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  await sql.end();
}

/** CPU seconds of all transactions, here and in Postgres; the first one makes statements and rows known and is not counted. */
async function cost(db: Sql, write: (tx: TransactionSql, round: number) => Promise<void>) {
  await inTransaction(db, (tx) => write(tx, 0));
  const own = process.cpuUsage();
  const postgres = treeCpuSeconds(Number(postgresPid));
  for (let round = 1; round <= TRANSACTIONS; round += 1) await inTransaction(db, (tx) => write(tx, round));
  const { user, system } = process.cpuUsage(own);
  return { own: (user + system) / 1e6, postgres: treeCpuSeconds(Number(postgresPid)) - postgres };
}

/** What a batch does for each block that it changed: write its state as bytes, and the row. */
function blockRows(kind: string, round: number, block: StreamBlock): BlockRow[] {
  return Array.from({ length: BLOCKS }, (_, index) => {
    const owner = `${kind}${String(index).padStart(31, '0')}`;
    return { owner, depth: 0, prefix: 0, isSplit: false, version: round, firstTime: 1n, state: block.encode() };
  });
}

function blockOf(stateOf: (stream: number) => StreamEntry): StreamBlock {
  return StreamBlock.from(
    Array.from({ length: STREAMS }, (_, stream) => [hash('sha256', `${stream}`).slice(0, 32), stateOf(stream)]),
  );
}

function gaugeState(stream: number): StreamEntry {
  return { kind: 'additiveGauge', time: 1_790_000_000_000_000_000n, value: stream % 40, isMarked: false };
}

function histogramState(stream: number): StreamEntry {
  const counts = [0, ...BOUNDS].map((_, bucket) => 10 * ((stream + bucket) % 4));
  const count = counts.reduce((sum, one) => sum + one, 0);
  const value = { count, sum: count * 0.04, buckets: { layout: 'explicit', bounds: BOUNDS, counts } } as const;
  const sequence = { start: 1_790_000_000_000_000_000n, time: 1_790_000_010_000_000_000n, value };
  return { kind: 'cumulativeHistogram', sequences: [sequence], equalStarts: 0 };
}

function windowRows(firstSeries: number, minuteMs: number, round: number, hasSketch: boolean): WindowRow[] {
  const counts = [0, ...BOUNDS].map((_, bucket) => round + bucket);
  const sketch = encodeSketch(explicitSpans(BOUNDS, counts, { factor: 1, isSigned: false }));
  return Array.from({ length: WINDOWS }, (_, index) => ({
    seriesId: firstSeries + index,
    minuteMs,
    count: round * 1_000 + index,
    sum: round * 40.5,
    min: null,
    max: null,
    last: hasSketch ? null : round + index * 0.25,
    lastMs: hasSketch ? null : 30_000,
    p50: hasSketch ? 0.05 : null,
    p95: hasSketch ? 5 : null,
    p99: hasSketch ? 10 : null,
    sketch: hasSketch ? sketch : null,
  }));
}
