import type { Summary } from '@command-center/contract/api/summary';
import type { LiveEvent, LiveTopic } from '@command-center/contract/events';
import { liveBeatSeconds, liveErrorsPerSecond } from '@command-center/contract/live';
import type { ServiceDefinition } from '@command-center/contract/services';
import { presentSummary } from '@command-center/contract/summary/present';
import { createErrorFlow } from './errorFlow.ts';
import {
  errorFrame,
  healthFrame,
  newTransitions,
  snapshotFrame,
  vitalSignsFrame,
  voiceFrame,
  type Wire,
  wireOf,
} from './frames.ts';
import { type Look, storedSince } from './look.ts';

/** A frame, and who gets it. */
export interface Cast {
  readonly topic: LiveTopic;
  readonly type: LiveEvent['type'];
  readonly frame: Wire;
}

/** Turns looks into frames: what is different since the one before. Pure but for what it remembers. */
export interface Broadcast {
  /** Whether there was a look since the start, or since it forgot. */
  hasLooked(): boolean;
  learn(look: Look, nowMs: number): readonly Cast[];
  /** What a browser starts from; undefined before the first look. */
  snapshot(nowMs: number): Wire | undefined;
  /** Forgets what was seen, so that nothing that came meanwhile is told as news. */
  forget(): void;
}

interface Seen {
  readonly look: Look;
  /** By the clock of this process. */
  readonly atMs: number;
}

const BEAT_MS = liveBeatSeconds * 1_000;
/** For so long a snapshot is of the present. */
const GREETING_MS = 1_000;

/** `auditFailures`: accesses of this process that could not be recorded. */
export function createBroadcast(services: readonly ServiceDefinition[], auditFailures: () => number): Broadcast {
  let seen: Seen | undefined;
  let beatAtMs = Number.NEGATIVE_INFINITY;
  let flow = createErrorFlow(liveErrorsPerSecond);
  /** Hundreds of browsers that come back together get the same one. */
  let greeting: { readonly of: Seen; readonly atMs: number; readonly frame: Wire } | undefined;

  const present = ({ look, atMs }: Seen, nowMs: number): Summary => {
    const row = look.summary;
    const elapsedMs = nowMs - atMs;
    const age_s = row.age_s === null ? null : row.age_s + elapsedMs / 1_000;
    return presentSummary({ ...row, age_s, now: new Date(row.now.getTime() + elapsedMs) }, services, auditFailures());
  };
  const learnErrors = (look: Look, before: Look, nowMs: number): readonly Cast[] => {
    const known = new Set(before.errors.map(({ id }) => id));
    const added = look.errors.filter(({ id }) => !known.has(id));
    flow.arrive(added, storedSince(look, before));
    return flow.take(nowMs).map((sent) => cast('overview', errorFrame(sent)));
  };
  return {
    hasLooked: () => seen !== undefined,
    learn: (look, nowMs) => {
      const before = seen;
      seen = { look, atMs: nowMs };
      const isWritten = look.summary.written_at?.getTime() !== before?.look.summary.written_at?.getTime();
      if (before === undefined) {
        beatAtMs = nowMs;
        return [];
      }
      const casts: Cast[] = [];
      const summary = present(seen, nowMs);
      if (isWritten) {
        const changes = newTransitions(summary, present(before, nowMs));
        casts.push(...changes.map((change) => cast('overview', healthFrame(change))));
      }
      // Also where nobody writes any more: that is what there is to be seen.
      if (isWritten || nowMs - beatAtMs >= BEAT_MS) {
        beatAtMs = nowMs;
        casts.push(cast('overview', vitalSignsFrame(summary)), cast('voice', voiceFrame(summary)));
      }
      return [...casts, ...learnErrors(look, before.look, nowMs)];
    },
    snapshot: (nowMs) => {
      if (seen === undefined) return undefined;
      if (greeting?.of !== seen || nowMs - greeting.atMs > GREETING_MS) {
        const frame = wireOf(snapshotFrame(present(seen, nowMs), seen.look.errors));
        greeting = { of: seen, atMs: nowMs, frame };
      }
      return greeting.frame;
    },
    forget: () => {
      seen = undefined;
      greeting = undefined;
      flow = createErrorFlow(liveErrorsPerSecond);
    },
  };
}

function cast(topic: LiveTopic, event: LiveEvent): Cast {
  return { topic, type: event.type, frame: wireOf(event) };
}
