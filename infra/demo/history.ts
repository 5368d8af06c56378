import { retentionMs } from '@command-center/contract/retention';
import type { IdGenerator } from '@opentelemetry/sdk-trace';
import { say } from './live.ts';
import { claimOf, MINUTE_MS, type PastEvent, pastOf } from './past.ts';
import type { Service } from './platform.ts';
import { type Random, seededRandom } from './random.ts';
import { reportRequest } from './requests.ts';
import { openSender, type Sender, type SenderOptions } from './sender.ts';

/** Sends the past through the door that everybody uses, in time order, up to the minute that has begun. */

/** Minutes of one service in a request: 1 to 3 MB of metrics, so that while the sidecar commits one service's the others get theirs ready. */
const MINUTES_PER_REQUEST = 480;
/** The door refuses what is older than the retention by the time it arrives. */
const MARGIN_MS = 10 * MINUTE_MS;

export interface HistoryOptions extends Pick<SenderOptions, 'endpoint' | 'tally'> {
  readonly services: readonly Service[];
  readonly seed: number;
  readonly stopped: AbortSignal;
}

export interface History {
  /**
   * Sends the last `seconds`, and what passed meanwhile. Resolves to the epoch milliseconds at which the past ends and the present is to begin,
   * the edge of a minute; undefined = it was stopped, or the door refused it. `show` learns how much of it is done, 0-1.
   */
  send(seconds: number, show: (part: number) => void): Promise<number | undefined>;
  /** Says of the minutes from an edge up to the end of this one that they are told by somebody else, so that a later past leaves them out. */
  claim(fromMs: number): Promise<void>;
  close(): Promise<void>;
}

interface Lane {
  readonly service: Service;
  readonly sender: Sender;
  readonly ids: SeededIds;
}

export function openHistory({ endpoint, tally, services, seed, stopped }: HistoryOptions): History {
  const lanes: readonly Lane[] = services.map((service) => {
    const ids = new SeededIds();
    return { service, ids, sender: openSender({ endpoint, tally, service, idGenerator: ids, insistUntil: stopped }) };
  });
  let claimedTo = 0;
  return {
    send: async (seconds, show) => {
      const beganMs = Date.now();
      const oldestMs = beganMs - Math.min(seconds * 1_000, retentionMs - MARGIN_MS);
      const first = Math.ceil(oldestMs / MINUTE_MS);
      let sent = first;
      for (let to = minuteNow(); sent < to; to = minuteNow()) {
        const done = new Map(lanes.map((lane) => [lane, sent]));
        const progress = (lane: Lane, minute: number): void => {
          done.set(lane, minute);
          show((Math.min(...done.values()) - first) / (to - first));
        };
        const arrived = await Promise.all(lanes.map((lane) => sendMinutes(lane, seed, sent, to, stopped, progress)));
        if (arrived.includes(false)) return undefined;
        sent = to;
      }
      return sent * MINUTE_MS;
    },
    claim: async (fromMs) => {
      const to = minuteNow() + 1;
      const from = Math.max(claimedTo, Math.floor(fromMs / MINUTE_MS));
      if (to <= from) return;
      claimedTo = to;
      await Promise.all(lanes.map(({ service, sender }) => sender.push(claimOf(service, from, to))));
    },
    close: async () => {
      await Promise.all(lanes.map(({ sender }) => sender.close()));
    },
  };
}

/** Whether all of [from, to) arrived. */
async function sendMinutes(
  lane: Lane,
  seed: number,
  from: number,
  to: number,
  stopped: AbortSignal,
  progress: (lane: Lane, minute: number) => void,
): Promise<boolean> {
  const { service, sender } = lane;
  const endOf = (minute: number): number => Math.min(to, minute + MINUTES_PER_REQUEST);
  let past = pastOf(service, seed, from, endOf(from));
  for (let minute = from; minute < to; minute = endOf(minute)) {
    for (const event of past.events) tell(lane, event);
    const answers = Promise.all([sender.push(past.metrics), sender.flush()]);
    // While it is on its way; one at a time, since levels that are overtaken do not count.
    past = pastOf(service, seed, endOf(minute), endOf(endOf(minute)));
    const [hasArrived] = await answers;
    if (!hasArrived || stopped.aborted) return false;
    progress(lane, endOf(minute));
  }
  return true;
}

function tell({ sender, ids }: Lane, event: PastEvent): void {
  ids.begin(event);
  if (event.type === 'said') say(sender, event.said, event.atMs);
  else reportRequest(sender, event.answer, event.durationMs, event.atMs);
}

/** Ids of spans that are the same whenever the same past is told. */
class SeededIds implements IdGenerator {
  private minute = 0;
  private random: Random = seededRandom(0);

  begin(event: Pick<PastEvent, 'minute' | 'ids'>): void {
    this.minute = event.minute;
    this.random = seededRandom(event.ids);
  }

  generateTraceId(): string {
    return `${this.minute.toString(16).padStart(8, '0')}${this.random.hex(24)}`;
  }

  generateSpanId(): string {
    return this.random.hex(16);
  }
}

function minuteNow(): number {
  return Math.floor(Date.now() / MINUTE_MS);
}
