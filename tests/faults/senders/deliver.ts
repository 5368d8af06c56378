import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '@command-center/infra/demo/random';
import type { Ledger } from '../ledger/ledger.ts';
import { LaneSender } from './laneSender.ts';
import type { Lane } from './lanes.ts';
import { post } from './post.ts';

/** A sender's patience with one request. The collector's is 5 s over gRPC; a shorter one meets a frozen server more often. */
const PATIENCE_MS = 1_500;
/** After a refusal it is doubled up to here: on a machine with other work a commit may take longer than the shortest. */
const MAX_PATIENCE_MS = 12_000;
const DEADLINE_MS = 240_000;

export interface Delivery {
  /** Resolves once so many records are acknowledged. */
  untilAcknowledged(records: number): Promise<void>;
  /** Resolves when everything is; rejects on an answer that no retry cures, on partial success, and after a deadline. */
  readonly finished: Promise<void>;
}

/** Every lane at its own pace, each request to any of the doors. */
export function deliver(
  lanes: readonly Lane[],
  urls: readonly [string, ...string[]],
  seed: number,
  ledger: Ledger,
): Delivery {
  const changes = new EventEmitter();
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const deliverLane = async (lane: Lane, laneSeed: number): Promise<void> => {
    const random = seededRandom(laneSeed);
    const sender = new LaneSender(lane, random, ledger);
    let patienceMs = PATIENCE_MS;
    for (let requests = sender.next(); requests.length > 0; requests = sender.next()) {
      deadline.throwIfAborted();
      const answers = requests.map(async (request) => {
        ledger.attempt(lane, request.items);
        if (await post(request, random.pick(urls), patienceMs)) {
          ledger.acknowledge(lane, request.items);
          changes.emit('acknowledged');
          return true;
        }
        ledger.fail();
        return false;
      });
      const isRefused = (await Promise.all(answers)).includes(false);
      patienceMs = isRefused ? Math.min(patienceMs * 2, MAX_PATIENCE_MS) : PATIENCE_MS;
      await delay(isRefused ? random.integer(50, 400) : random.integer(0, 20));
    }
  };
  const finished = Promise.all(lanes.map((lane, index) => deliverLane(lane, seed * 101 + index))).then(() => undefined);
  // Rejects while nobody waits for it, too.
  finished.catch(() => undefined);
  return {
    untilAcknowledged: async (records) => {
      while (ledger.acknowledgedCount < records) {
        await Promise.race([once(changes, 'acknowledged', { signal: deadline }), finished]);
      }
    },
    finished,
  };
}
