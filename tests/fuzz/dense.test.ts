import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { httpOk, reasons } from '@command-center/contract/reasons';
import { Message } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peakResidentBytes } from '../processes/resident.ts';
import { manyLogs } from './manyLogs.ts';
import { isFull } from './mode.ts';
import { openSidecar, postProtobuf, type SidecarStage } from './sidecarStage.ts';

const MEBIBYTE = 2 ** 20;
/** The largest body that default settings take. */
const BODY_BYTES = 64 * MEBIBYTE;
/** The heap's own end is the proof: past it the process dies. Half of what Node takes by itself on a machine of 4 GB. */
const HEAP_MIB = 1_024;
const MAX_RESIDENT_BYTES = 1_536 * MEBIBYTE;

let stage: SidecarStage;
beforeAll(async () => {
  stage = await openSidecar({
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
    COMMAND_CENTER_MEMORY_LIMIT_BYTES: String(BODY_BYTES),
  });
});
afterAll(async () => {
  const peakMib = Math.round((await peakResidentBytes(stage.sidecar.pid)) / MEBIBYTE);
  process.stdout.write(`${JSON.stringify({ test: 'dense', peakMib })}\n`);
  await stage.close();
});

/** `unit` again and again up to 64 MiB, within the fields of `path`, outermost first. */
function dense(path: readonly number[], unit: readonly number[]): Buffer {
  const room = BODY_BYTES - path.length * 6;
  const content = Buffer.alloc(room - (room % unit.length), Uint8Array.from(unit));
  return path.reduceRight((inner, field) => {
    const head = new Message();
    head.varints([(field << 3) | 2, inner.length]);
    return Buffer.concat([head.finish(), inner]);
  }, content);
}

function json(head: string, unit: string, tail: string): Buffer {
  const units = Math.floor((BODY_BYTES - head.length - tail.length) / unit.length);
  return Buffer.from(head + unit.repeat(units) + tail);
}

const shapes = [
  { what: 'empty points', signal: 'metrics', body: () => dense([1, 2, 2, 5], [0x0a, 0]) },
  { what: 'empty log records', signal: 'logs', body: () => dense([1, 2], [0x12, 0]) },
  { what: 'empty spans', signal: 'traces', body: () => dense([1, 2], [0x12, 0]) },
  { what: 'empty attributes of one point', signal: 'metrics', body: () => dense([1, 2, 2, 5, 1], [0x3a, 0]) },
  { what: 'empty items of one list', signal: 'logs', body: () => dense([1, 2, 2, 5, 5], [0x0a, 0]) },
  { what: 'buckets of one point', signal: 'metrics', body: () => dense([1, 2, 2, 10, 1, 8, 2], [1]) },
  { what: 'ranges of one point', signal: 'metrics', body: () => dense([1, 2, 2, 10, 1], [0x42, 3, 0x12, 1, 1]) },
  {
    what: 'bounds of one point',
    signal: 'metrics',
    body: () => dense([1, 2, 2, 9, 1], [0x39, 0, 0, 0, 0, 0, 0, 0, 1]),
  },
  { what: 'empty scopes', signal: 'traces', body: () => dense([1], [0x12, 0]) },
  { what: 'a scope again and again', signal: 'traces', body: () => dense([1, 2], [0x0a, 2, 0x1a, 0]) },
  { what: 'open brackets', signal: 'logs', body: () => json('', '[', '') },
  { what: 'empty objects', signal: 'logs', body: () => json('{"resourceLogs":[{}', ',{}', ']}') },
  { what: 'keys', signal: 'logs', body: () => json('{"a":1', ',"a":1', '}') },
  { what: 'digits', signal: 'logs', body: () => json('{"a":', '1', '}') },
] as const;
const chosen = isFull ? shapes : shapes.filter(({ what }) => ['empty log records', 'open brackets'].includes(what));

const answers = [httpOk, reasons.too_large.httpStatus, reasons.undecodable.httpStatus];

describe(`64 MiB of next to nothing, a thousandth of that compressed, in a heap of ${HEAP_MIB} MiB`, () => {
  it.each(chosen)('$what', { timeout: 300_000 }, async ({ signal, body }) => {
    const bytes = body();
    const isJson = bytes[0] === 0x5b || bytes[0] === 0x7b;
    const type = isJson ? 'application/json' : 'application/x-protobuf';
    const headers = { 'content-type': type, 'content-encoding': 'gzip' };
    const sent = new Uint8Array(gzipSync(bytes, { level: 1 }));
    const answer = await fetch(`${stage.sidecar.http}/v1/${signal}`, { method: 'POST', headers, body: sent });
    await answer.arrayBuffer();
    expect(answers).toContain(answer.status);
    expect(stage.sidecar.isAlive()).toBe(true);
    expect(await peakResidentBytes(stage.sidecar.pid)).toBeLessThan(MAX_RESIDENT_BYTES);
  });

  it('many requests of the smallest records at once: what does not fit beside others is sent away with a hint', {
    timeout: 300_000,
  }, async () => {
    const body = manyLogs('small', 10_000, 0, Date.now() - 60_000);
    const posted = await Promise.all(Array.from({ length: 16 }, () => postProtobuf(stage.sidecar, 'logs', body)));
    const refused = posted.filter(({ status }) => status === reasons.overloaded.httpStatus);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ retryAfter }) => retryAfter >= 1 && retryAfter <= 10)).toBe(true);
    const taken = posted.filter(({ status }) => status === httpOk);
    expect(taken.length + refused.length).toBe(posted.length);
    expect(taken.length).toBeGreaterThan(0);
    expect(stage.sidecar.isAlive()).toBe(true);
    expect(await peakResidentBytes(stage.sidecar.pid)).toBeLessThan(MAX_RESIDENT_BYTES);
  });
});
