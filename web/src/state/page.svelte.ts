import type { Failure } from './failure.ts';

let nowMs = $state(Date.now());
let isVisible = $state(document.visibilityState === 'visible');
let refreshes = $state(0);
let barred = $state.raw<Failure | null>(null);
let skewMs = 0;

setInterval(() => {
  if (isVisible) nowMs = Date.now();
}, 1_000);

document.addEventListener('visibilitychange', () => {
  isVisible = document.visibilityState === 'visible';
  nowMs = Date.now();
});

/** What belongs to the page as a whole: its clock, whether anybody looks, and whether it may ask at all. */
export const page = {
  /** This browser's clock, once a second while the page is visible. */
  get nowMs(): number {
    return nowMs;
  },
  /** The database's clock, as far as answers have told it. */
  get serverNowMs(): number {
    return nowMs + skewMs;
  },
  get isVisible(): boolean {
    return isVisible;
  },
  /** Counts what asked all sections to ask again. */
  get refreshes(): number {
    return refreshes;
  },
  /** Why nobody may see anything: signed out, or without the role. */
  get barred(): Failure | null {
    return barred;
  },
};

export function refreshAll(): void {
  barred = null;
  refreshes += 1;
}

export function bar(failure: Failure): void {
  barred = failure;
}

export function learnServerTime(serverMs: number, receivedAtMs: number): void {
  skewMs = serverMs - receivedAtMs;
}
