import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Random, seededRandom } from '@command-center/infra/demo/random';
import { encodeJson } from '@command-center/sidecar/decode/testing/encodeJson';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import type { MetricTree, ResourceTree, Trees } from '@command-center/sidecar/decode/testing/trees';
import type { Item, Lane } from './lanes.ts';

/** A sender's patience with one request; the collector's is 5 s over gRPC. */
const REQUEST_TIMEOUT_MS = 5_000;
const DEADLINE_MS = 90_000;
const MAX_STEPS_PER_REQUEST = 3;

export interface Sent {
  readonly lane: Lane;
  readonly item: Item;
}

export interface Delivery {
  /** Everything that was answered with a success until now. */
  readonly acknowledged: readonly Sent[];
  /** Attempts that got no success. */
  readonly failedAttempts: () => number;
  /** Resolves once so many records are acknowledged. */
  untilAcknowledged(records: number): Promise<void>;
  /** Resolves when everything is; rejects on an answer that no retry cures, and on partial success. */
  readonly finished: Promise<void>;
}

/**
 * Each lane sends its steps in order, as an SDK or a collector's queue does: what is not acknowledged is tried again until it is, cut at another
 * place, in another order, in either encoding. Now and then an acknowledged request is sent once more, as after a lost answer.
 */
export function deliver(lanes: readonly Lane[], url: string, seed: number): Delivery {
  const acknowledged: Sent[] = [];
  const changes = new EventEmitter();
  let failures = 0;
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const attempt = async (lane: Lane, items: readonly Item[], random: Random): Promise<boolean> => {
    deadline.throwIfAborted();
    const isAcknowledged = await post(lane, items, url, random.chance(0.5));
    if (!isAcknowledged) failures += 1;
    return isAcknowledged;
  };
  const deliverCut = async (lane: Lane, items: readonly Item[], random: Random): Promise<void> => {
    let cuts: Item[][] = [[...items]];
    for (let cut = cuts[0]; cut !== undefined; cut = cuts[0]) {
      if (await attempt(lane, cut, random)) {
        acknowledged.push(...cut.map((item) => ({ lane, item })));
        changes.emit('acknowledged');
        cuts.shift();
        if (random.chance(0.05)) await attempt(lane, cut, random);
      } else {
        await delay(random.integer(10, 100));
        cuts = recut(cuts.flat(), random);
      }
    }
  };
  const deliverLane = async (lane: Lane, random: Random): Promise<void> => {
    for (let step = 0; step < lane.steps.length; ) {
      const steps = random.integer(1, MAX_STEPS_PER_REQUEST);
      await deliverCut(lane, lane.steps.slice(step, step + steps).flat(), random);
      step += steps;
    }
  };
  const finished = Promise.all(lanes.map((lane, index) => deliverLane(lane, seededRandom(seed + 1 + index)))).then(
    () => undefined,
  );
  return {
    acknowledged,
    failedAttempts: () => failures,
    untilAcknowledged: async (records) => {
      while (acknowledged.length < records) {
        await Promise.race([once(changes, 'acknowledged', { signal: deadline }), finished]);
      }
    },
    finished,
  };
}

/** The same records in another order, in one to three requests. */
function recut(items: readonly Item[], random: Random): Item[][] {
  const shuffled = items.map((item) => ({ item, rank: random.next() })).sort((a, b) => a.rank - b.rank);
  const parts = random.integer(1, 3);
  const size = Math.ceil(shuffled.length / parts);
  return Array.from({ length: parts }, (_, part) =>
    shuffled.slice(part * size, (part + 1) * size).map(({ item }) => item),
  ).filter((cut) => cut.length > 0);
}

/** True = acknowledged, false = to be tried again (OTLP: no answer, 429, 502, 503, 504). */
async function post(lane: Lane, items: readonly Item[], url: string, isJson: boolean): Promise<boolean> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(`${url}/v1/${lane.signal}`, {
      method: 'POST',
      headers: { 'content-type': isJson ? 'application/json' : 'application/x-protobuf' },
      body: encoded(lane, items, isJson),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    text = await answer.text();
  } catch {
    return false;
  }
  if ([429, 502, 503, 504].includes(answer.status)) return false;
  // A success without partial_success is an empty message.
  if (answer.status === 200 && (text === '' || text === '{}')) return true;
  throw new Error(`${lane.service}: the sidecar answered ${answer.status} ${text}`);
}

function encoded(lane: Lane, items: readonly Item[], isJson: boolean): string | Uint8Array<ArrayBuffer> {
  const encode = <S extends keyof Trees>(signal: S, tree: Trees[S]): string | Uint8Array<ArrayBuffer> =>
    isJson ? encodeJson(signal, tree) : Uint8Array.from(encodeProtobuf(signal, tree));
  const under = <T>(children: readonly T[]): ResourceTree<T>[] => [
    {
      attributes: [{ key: 'service.name', value: lane.service }],
      scopes: [{ name: 'faults', version: '1', attributes: [], items: children }],
    },
  ];
  switch (lane.signal) {
    case 'metrics':
      return encode('metrics', under(metricTrees(items)));
    case 'logs':
      return encode('logs', under(items.flatMap((item) => (item.signal === 'logs' ? [item.log] : []))));
    case 'traces':
      return encode('traces', under(items.flatMap((item) => (item.signal === 'traces' ? [item.span] : []))));
  }
}

function metricTrees(items: readonly Item[]): MetricTree[] {
  const byName = Map.groupBy(
    items.flatMap((item) => (item.signal === 'metrics' ? [item] : [])),
    ({ metric }) => metric.name,
  );
  return [...byName.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first.metric, points: group.map(({ point }) => point) }];
  });
}
