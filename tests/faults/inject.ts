import { setTimeout as delay } from 'node:timers/promises';
import { moveOldWindows } from '@command-center/sidecar/store/moveWindows';
import type { Sql } from 'postgres';
import { planFailure, terminateSessions } from './database/simulated.ts';
import { rollUpOnce } from './rollUpAll.ts';
import type { Fault } from './schedule.ts';
import type { InProcessSidecar } from './sidecars/inProcess.ts';

/** What a fault may lay hands on. */
export interface Fleet {
  readonly sql: Sql;
  /** The one in that place, if it lives. */
  sidecar(place: number): InProcessSidecar | undefined;
  kill(place: number): void;
  /** Gives the place up to a successor and ends in good order meanwhile. */
  retire(place: number): void;
  setOffset(place: number, byMs: number): void;
  passTime(byMs: number): Promise<void>;
  /** Resolves when what was left to itself is over. */
  settle(): Promise<void>;
  /** Work that a later round need not wait for, but the end of the schedule must. */
  own(work: Promise<unknown>): void;
}

/** Makes one fault of a round happen, now or while the round's requests are under way. */
export async function inject(fault: Fault, fleet: Fleet): Promise<void> {
  switch (fault.type) {
    case 'cut': {
      const { sidecar, at, nth, fate, holdMs, isKill } = fault;
      const trap = { at, nth, fate, holdMs };
      fleet.sidecar(sidecar)?.proxy.set(isKill ? { ...trap, onSprung: () => fleet.kill(sidecar) } : trap);
      return;
    }
    case 'refuse':
    case 'freeze': {
      const proxy = fleet.sidecar(fault.sidecar)?.proxy;
      proxy?.[fault.type](true);
      fleet.own(delay(fault.forMs).then(() => proxy?.[fault.type](false)));
      return;
    }
    case 'kill':
      fleet.own(delay(fault.afterMs).then(() => fleet.kill(fault.sidecar)));
      return;
    case 'stop':
      fleet.retire(fault.sidecar);
      return;
    case 'evictAll':
      fleet.own(fleet.sidecar(fault.sidecar)?.evictAll() ?? Promise.resolve());
      return;
    case 'clock':
      fleet.setOffset(fault.sidecar, fault.byMs);
      return;
    case 'sql':
      await planFailure(fleet.sql, fault.failure);
      return;
    case 'failover':
      fleet.own(failOver(fleet, fault.forMs));
      return;
    case 'minutes':
      // No transaction lives that long.
      await fleet.settle();
      await fleet.passTime(fault.byMs);
      fleet.own(fleet.sidecar(0)?.moveWindows() ?? Promise.resolve());
      fleet.own(fleet.sidecar(1)?.moveWindows() ?? Promise.resolve());
      // A leader that is ended leaves its work to the next one.
      fleet.own(moveOldWindows(fleet.sql).catch(() => 0));
      fleet.own(rollUpOnce(fleet.sql).catch(() => false));
      return;
    case 'impatience':
      // The senders' affair.
      return;
  }
}

async function failOver(fleet: Fleet, forMs: number): Promise<void> {
  const proxies = [0, 1, 2].flatMap((place) => fleet.sidecar(place)?.proxy ?? []);
  await terminateSessions(fleet.sql);
  for (const proxy of proxies) proxy.refuse(true);
  await delay(forMs);
  for (const proxy of proxies) proxy.refuse(false);
}
