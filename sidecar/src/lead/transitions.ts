import { probePolicy } from '@command-center/contract/services';
import type { Judgement } from './services.ts';

/** The status a service is shown with. */
export interface Standing extends Judgement {
  readonly id: string;
  readonly sinceMs: number;
}

/** A status that differs from the shown one, and how many times in a row it was found. */
export interface Pending {
  readonly status: Judgement['status'];
  readonly times: number;
}

export interface Step {
  readonly standing: Standing;
  readonly pending: Pending | undefined;
  readonly isTransition: boolean;
}

/** A change needs two findings in a row, so nothing flaps (contract.md §6); the first finding ever is taken as it is. Pure. */
export function settle(
  found: Judgement & { readonly id: string },
  shown: Standing | undefined,
  pending: Pending | undefined,
  nowMs: number,
): Step {
  if (shown === undefined) return { standing: { ...found, sinceMs: nowMs }, pending: undefined, isTransition: false };
  if (found.status === shown.status) {
    return { standing: { ...found, sinceMs: shown.sinceMs }, pending: undefined, isTransition: false };
  }
  const times = pending?.status === found.status ? pending.times + 1 : 1;
  if (times < probePolicy.probesForChange) {
    return { standing: shown, pending: { status: found.status, times }, isTransition: false };
  }
  return { standing: { ...found, sinceMs: nowMs }, pending: undefined, isTransition: true };
}
