import { describe, expect, it } from 'vitest';
import { PointTable } from '../decode/pointTable.ts';
import type { DecodedRequest } from '../decode/request.ts';
import type { ExportResult } from '../receive/export.ts';
import { Committer } from './committer.ts';
import type { CuratedRequest } from './curateRequest.ts';
import { Tally } from './tally.ts';

const STORED: ExportResult = { outcome: 'stored', rejected: 0, message: '' };
const REQUEST: DecodedRequest = {
  signal: 'logs',
  records: [],
  spoiled: [{ reason: 'number_out_of_range', where: 'x' }],
  values: 0,
};
const CURATED: CuratedRequest = {
  signal: 'logs',
  points: { table: new PointTable(), streams: [], refusals: new Map() },
  logs: [],
  spans: [],
  tally: new Tally(),
  rejected: new Map(),
};

interface Turn {
  readonly size: number;
  finish(): void;
}

/** A committer whose commits end when the test says so. */
function heldCommitter(maxBytesInFlight = 1000) {
  const turns: Turn[] = [];
  let announce: (() => void) | undefined;
  const committer = new Committer({
    curate: () => CURATED,
    maxBytesInFlight,
    commit: (requests) =>
      new Promise((resolve) => {
        turns.push({ size: requests.length, finish: () => resolve(requests.map(() => STORED)) });
        announce?.();
      }),
  });
  const turn = async (index: number): Promise<Turn> => {
    for (;;) {
      const found = turns[index];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        announce = resolve;
      });
    }
  };
  return { committer, turn, turns };
}

describe('a batch is what arrived while the last one committed (design §5)', () => {
  it('commits together what arrives together, and the next batch only after it', async () => {
    const { committer, turn, turns } = heldCommitter();
    const first = [committer.export(REQUEST, 10), committer.export(REQUEST, 10)];
    const one = await turn(0);
    expect(one.size).toBe(2);
    const second = [committer.export(REQUEST, 10), committer.export(REQUEST, 10), committer.export(REQUEST, 10)];
    expect(turns).toHaveLength(1);
    one.finish();
    await Promise.all(first);
    const two = await turn(1);
    expect(two.size).toBe(3);
    two.finish();
    expect(await Promise.all(second)).toEqual([STORED, STORED, STORED]);
  });

  it('never splits a request and makes one that exceeds 4 MiB a batch alone', async () => {
    const { committer, turn } = heldCommitter();
    const answers = [
      committer.export(REQUEST, 5 * 2 ** 20),
      committer.export(REQUEST, 3 * 2 ** 20),
      committer.export(REQUEST, 2 ** 20),
    ];
    const one = await turn(0);
    expect(one.size).toBe(1);
    one.finish();
    const two = await turn(1);
    expect(two.size).toBe(2);
    two.finish();
    expect(await Promise.all(answers)).toEqual([STORED, STORED, STORED]);
  });

  it('takes small requests before the large ones of a flood, and the large ones all the same', async () => {
    const { committer, turn } = heldCommitter();
    const order: string[] = [];
    const send = (name: string, bytes: number) => committer.export(REQUEST, bytes).then(() => order.push(name));
    const answers = [send('first', 3 * 2 ** 20)];
    const one = await turn(0);
    for (let index = 0; index < 3; index += 1) answers.push(send(`flood ${index}`, 3 * 2 ** 20));
    answers.push(send('small', 10 * 2 ** 10));
    one.finish();
    for (let index = 1; index <= 3; index += 1) (await turn(index)).finish();
    await Promise.all(answers);
    expect(order).toEqual(['first', 'small', 'flood 0', 'flood 1', 'flood 2']);
  });

  it('admits a small request where a flood has taken all the bytes that it may', () => {
    const { committer } = heldCommitter(16 * 2 ** 20);
    expect(committer.reserve(14 * 2 ** 20)).toBe(true);
    expect(committer.reserve(2 ** 20)).toBe(true);
    expect(committer.reserve(2 ** 17)).toBe(false);
    for (let index = 0; index < 16; index += 1) expect(committer.reserve(64 * 2 ** 10)).toBe(true);
    expect(committer.reserve(64 * 2 ** 10)).toBe(false);
  });

  it('commits what it holds when it stops, and refuses what comes later with a retry hint', async () => {
    const { committer, turn } = heldCommitter();
    const held = committer.export(REQUEST, 10);
    const stopped = committer.stop();
    const late = await committer.export(REQUEST, 10);
    expect(late).toMatchObject({ outcome: 'refused', reason: 'stopping', retryAfterSeconds: 1 });
    (await turn(0)).finish();
    expect(await held).toEqual(STORED);
    await stopped;
  });

  it('answers an empty request at once', async () => {
    const { committer } = heldCommitter();
    expect(await committer.export({ signal: 'metrics', records: new PointTable(), spoiled: [], values: 0 }, 0)).toEqual(
      STORED,
    );
  });
});

describe('memory is bounded (design §5)', () => {
  it('admits a request of any size when nothing else is in flight, and refuses what does not fit beside others', () => {
    const { committer } = heldCommitter(100);
    expect(committer.reserve(500)).toBe(true);
    expect(committer.reserve(1)).toBe(false);
    committer.release(500);
    expect(committer.reserve(60)).toBe(true);
    expect(committer.reserve(40)).toBe(true);
    expect(committer.reserve(1)).toBe(false);
  });
});
