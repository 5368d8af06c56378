import type { LiveState } from '../../state/liveConnection.ts';
import { exact } from '../../ui/numbers.ts';
import { spanText } from '../../ui/times.ts';

/** How the page comes to its data, in words. */
export interface Connection {
  /** On the button that pauses. */
  readonly mark: string;
  readonly text: string;
  readonly title: string;
  /** What is not as it should be; `short` where there is little room. */
  readonly trouble: { readonly what: string; readonly short: string; readonly next: string } | null;
  /** What flashes once when it changes; null where nothing has been decided. */
  readonly word: 'live' | 'lost' | null;
}

export interface ConnectionFacts {
  readonly state: LiveState;
  readonly isPaused: boolean;
  /** Null while that is not known. */
  readonly hasLiveUrl: boolean | null;
  /** Between two polls of the first screen. */
  readonly cadenceMs: number;
  /** Frames that were left out. */
  readonly ignored: number;
  readonly nowMs: number;
}

export function connectionOf(facts: ConnectionFacts): Connection {
  const { state, isPaused, hasLiveUrl, cadenceMs, ignored, nowMs } = facts;
  const quiet = { trouble: null, word: null };
  const every = spanText(cadenceMs);
  const polling = { mark: '⟳', text: `${every} · polling` };
  if (isPaused) return { ...quiet, mark: '▷', text: 'paused', title: 'Go on asking  p' };
  switch (state.type) {
    case 'live':
      return {
        trouble: null,
        word: 'live',
        mark: '●',
        text: 'live',
        title: `What changes is pushed to this page${leftOut(ignored)}. Pause  p`,
      };
    case 'connecting':
      return {
        ...quiet,
        mark: '⟳',
        text: 'connecting',
        title: `Asks every ${every} until the live connection is there. Pause  p`,
      };
    case 'lost': {
      const what = state.wasLive ? 'Live connection lost' : 'No live connection';
      return {
        ...polling,
        title: `${what}: asks every ${every}. Pause  p`,
        trouble: { what, short: 'Not live', next: nextTry(state.nextTryAtMs, nowMs) },
        word: 'lost',
      };
    }
    case 'off':
      return {
        ...quiet,
        ...polling,
        title:
          hasLiveUrl === false
            ? `Asks every ${every}: no live URL is configured (COMMAND_CENTER_LIVE_URL). Pause  p`
            : `Asks every ${every}. Pause  p`,
      };
  }
}

function nextTry(atMs: number | null, nowMs: number): string {
  // Rounded up: a try that is due in half a second is not due now.
  return atMs === null || atMs <= nowMs ? 'trying now' : `next try in ${spanText(atMs - nowMs + 999)}`;
}

function leftOut(frames: number): string {
  return frames === 0 ? '' : `; ${exact(frames)} messages were not understood: reload for a newer console`;
}
