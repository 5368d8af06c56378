import { seededRandom } from '@command-center/infra/demo/random';
import { shuffled } from './senders/laneSender.ts';
import { type LanePlan, type LaneSize, laneKinds } from './senders/lanes.ts';

/** What happens to real processes. */
export type Blow =
  | { readonly type: 'killSidecar' | 'stopSidecar'; readonly sidecar: number }
  | { readonly type: 'crashPostgres' }
  | { readonly type: 'killAll' }
  | { readonly type: 'freezePostgres'; readonly forMs: number }
  | { readonly type: 'refuse'; readonly sidecar: number; readonly forMs: number }
  | {
      readonly type: 'cutCommit';
      readonly sidecar: number;
      readonly fate: 'lost' | 'unanswered' | 'held';
      readonly holdMs: number;
      readonly isKill: boolean;
    };

export interface ProcessSchedule {
  readonly seed: number;
  readonly sidecars: number;
  readonly lanes: readonly LanePlan[];
  /** Each once the given share of all records is acknowledged, 0 to 1. */
  readonly blows: readonly { readonly at: number; readonly blow: Blow }[];
}

const SIZE: LaneSize = {
  steps: 24,
  stepNs: 10_000_000_000n,
  routes: 2,
  exponentialBuckets: 40,
  eventsPerStep: 12,
};
const BLOWS = 4;

/** Everything but the times of the data, which lie before `endMs`. */
export function makeProcessSchedule(seed: number, endMs: number): ProcessSchedule {
  const random = seededRandom(seed * 7_919);
  const sidecars = random.integer(1, 2);
  const sidecar = (): number => random.integer(0, sidecars - 1);
  const blowOf = (): Blow => {
    const makers: readonly (() => Blow)[] = [
      () => ({ type: 'killSidecar', sidecar: sidecar() }),
      () => ({ type: 'stopSidecar', sidecar: sidecar() }),
      () => ({ type: 'crashPostgres' }),
      () => ({ type: 'killAll' }),
      () => ({ type: 'freezePostgres', forMs: random.integer(500, 2_500) }),
      () => ({ type: 'refuse', sidecar: sidecar(), forMs: random.integer(10, 1_500) }),
      ...(['lost', 'unanswered', 'held'] as const).map((fate) => (): Blow => {
        return {
          type: 'cutCommit',
          sidecar: sidecar(),
          fate,
          holdMs: random.integer(0, 1_000),
          isKill: random.chance(0.5),
        };
      }),
    ];
    const [maker] = shuffled(makers, random);
    if (maker === undefined) throw new Error('there are makers');
    return maker();
  };
  return {
    seed,
    sidecars,
    lanes: shuffled(laneKinds, random)
      .slice(0, 5)
      .map((kind, index) => ({
        kind,
        arrival:
          kind === 'logs' || kind === 'traces' || kind === 'delta' ? 'late' : random.pick(['inOrder', 'reordered']),
        service: `${kind}-${index}`,
        endMs: endMs - random.pick([0, 60_000, 30 * 60_000]),
        size: SIZE,
      })),
    blows: Array.from({ length: BLOWS }, (_, index) => ({ at: (index + random.next()) / (BLOWS + 1), blow: blowOf() })),
  };
}
