import { type Random, seededRandom } from '@command-center/infra/demo/random';
import { type Relation, relations, type SqlFailure } from './database/simulated.ts';
import { shuffled } from './senders/laneSender.ts';
import { type Arrival, type LaneKind, type LanePlan, type LaneSize, laneKinds } from './senders/lanes.ts';

/** What goes wrong at the beginning of a round, or while its requests are under way. Sidecars are numbered; times are real milliseconds. */
export type Fault =
  | {
      readonly type: 'cut';
      readonly sidecar: number;
      readonly at: 'message' | 'statement' | 'commit';
      readonly nth: number;
      readonly fate: 'lost' | 'unanswered' | 'held';
      readonly holdMs: number;
      /** The sidecar dies at that moment. */
      readonly isKill: boolean;
    }
  | { readonly type: 'refuse' | 'freeze'; readonly sidecar: number; readonly forMs: number }
  | { readonly type: 'kill'; readonly sidecar: number; readonly afterMs: number }
  | { readonly type: 'stop' | 'evictAll'; readonly sidecar: number }
  /** From then on its clock is wrong by this much. */
  | { readonly type: 'clock'; readonly sidecar: number; readonly byMs: number }
  | { readonly type: 'sql'; readonly failure: SqlFailure }
  /** Every session ends, as in a failover; without Postgres for a while. */
  | { readonly type: 'failover'; readonly forMs: number }
  /** No sender waits for its answer: each sends the same again, anywhere. */
  | { readonly type: 'impatience'; readonly afterMs: number }
  /** Time passes, and who is due moves closed windows: their owners, and the leader. */
  | { readonly type: 'minutes'; readonly byMs: number };

export interface Schedule {
  readonly seed: number;
  readonly sidecars: number;
  /** `any` = each request may reach any of them; `affine` = a lane keeps its own while that lives. */
  readonly routing: 'any' | 'affine';
  /** Whether the days' partitions are still to be made. */
  readonly isWithoutDays: boolean;
  readonly startMs: number;
  readonly lanes: readonly LanePlan[];
  /** By round. */
  readonly faults: ReadonlyMap<number, readonly Fault[]>;
}

const SIZE: LaneSize = { steps: 14, stepNs: 20_000_000_000n, routes: 2, exponentialBuckets: 8, eventsPerStep: 6 };
/** A fixed time, so that a schedule is the same on any day; partitions of a few days around it are made once. */
const EPOCH_MS = Date.UTC(2026, 0, 15);
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const FAULTY_ROUNDS = 12;

/** Everything that a schedule does, from one number. */
export function makeSchedule(seed: number): Schedule {
  const random = seededRandom(seed);
  const startMs = EPOCH_MS + random.integer(0, DAY_MS);
  const sidecars = random.integer(1, 3);
  const kinds = shuffled(laneKinds, random).slice(0, random.integer(3, 5));
  const faults = Array.from({ length: random.integer(4, 14) }, () => ({
    round: random.integer(0, FAULTY_ROUNDS),
    fault: makeFault(random, sidecars),
  }));
  return {
    seed,
    sidecars,
    routing: random.pick(['any', 'any', 'affine']),
    isWithoutDays: random.chance(0.05),
    startMs,
    lanes: kinds.map((kind, index) => ({
      kind,
      arrival: arrivalOf(kind, random),
      service: `${kind}-${index}`,
      // Live, in minutes that are closed already, and of hours that ended.
      endMs: startMs + random.pick([60_000, -150_000, -20 * 60_000, -5 * HOUR_MS]),
      size: { ...SIZE, stepNs: random.pick([10_000_000_000n, 20_000_000_000n, 45_000_000_000n]) },
    })),
    faults: new Map(
      [...Map.groupBy(faults, ({ round }) => round)].map(([round, group]) => [round, group.map(({ fault }) => fault)]),
    ),
  };
}

function arrivalOf(kind: LaneKind, random: Random): Arrival {
  const hasNoOrder = kind === 'delta' || kind === 'backfill' || kind === 'logs' || kind === 'traces';
  return hasNoOrder ? random.pick(['inOrder', 'reordered', 'late']) : random.pick(['inOrder', 'reordered']);
}

type Maker = (random: Random, sidecar: number) => Fault;

/** As often as they stand here. */
const makers: readonly Maker[] = [
  ...(['lost', 'unanswered', 'held', 'held'] as const).map(
    (fate): Maker =>
      (random, sidecar) => ({
        type: 'cut',
        sidecar,
        at: 'commit',
        nth: random.integer(1, 3),
        fate,
        holdMs: random.integer(0, 120),
        isKill: random.chance(0.4),
      }),
  ),
  ...(['message', 'statement', 'statement'] as const).map(
    (at): Maker =>
      (random, sidecar) => ({
        type: 'cut',
        sidecar,
        at,
        nth: random.integer(1, 60),
        fate: random.pick(['lost', 'unanswered', 'held']),
        holdMs: random.integer(0, 60),
        isKill: random.chance(0.5),
      }),
  ),
  (random, sidecar) => ({ type: 'refuse', sidecar, forMs: random.integer(1, 80) }),
  (random, sidecar) => ({ type: 'freeze', sidecar, forMs: random.integer(1, 120) }),
  (random, sidecar) => ({ type: 'kill', sidecar, afterMs: random.integer(0, 60) }),
  (_, sidecar) => ({ type: 'stop', sidecar }),
  (_, sidecar) => ({ type: 'evictAll', sidecar }),
  // Not so far back that records would lie in its future by more than it takes, nor so far on that they would be too old.
  (random, sidecar) => ({ type: 'clock', sidecar, byMs: random.pick([-3 * 60_000, 90_000, 7 * HOUR_MS, 20 * DAY_MS]) }),
  (random) => ({ type: 'sql', failure: makeFailure(random) }),
  (random) => ({ type: 'sql', failure: makeFailure(random) }),
  (random) => ({ type: 'failover', forMs: random.integer(0, 60) }),
  (random) => ({ type: 'impatience', afterMs: random.integer(0, 40) }),
  (random) => ({ type: 'impatience', afterMs: random.integer(0, 40) }),
  (random) => ({ type: 'minutes', byMs: random.integer(1, 10) * 60_000 }),
  (random) => ({ type: 'minutes', byMs: random.integer(10, 30) * 60_000 }),
  // What comes from then on is late, and what came before is packed.
  (random) => ({ type: 'minutes', byMs: random.integer(3, 5) * HOUR_MS }),
];

function makeFault(random: Random, sidecars: number): Fault {
  const [maker] = shuffled(makers, random);
  if (maker === undefined) throw new Error('there are makers');
  return maker(random, random.integer(0, sidecars - 1));
}

/** Disk full, out of memory, serialisation failure, deadlock, statement timeout, I/O error, corruption (PostgreSQL manual, appendix A). */
const STATES = ['53100', '53100', '53100', '53200', '40001', '40P01', '57014', '58030', 'XX001', 'slow'] as const;

function makeFailure(random: Random): SqlFailure {
  const places: readonly [Relation | 'commit', ...(Relation | 'commit')[]] = ['commit', 'commit', ...relations];
  return {
    at: random.pick(places),
    sqlState: random.pick(STATES),
    after: random.integer(0, 5),
    times: random.pick([1, 2, 4, 20]),
  };
}
