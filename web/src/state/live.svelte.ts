import { liveTicket } from '@command-center/contract/api/live';
import type { Summary } from '@command-center/contract/api/summary';
import { untrack } from 'svelte';
import {
  LiveConnection,
  type LiveParts,
  type LiveSocket,
  type LiveSocketEvents,
  type LiveState,
} from './liveConnection.ts';
import { type Heard, nothingHeard } from './liveErrors.ts';
import { LiveInbox } from './liveInbox.ts';
import { bar, page } from './page.svelte.ts';
import type { Polled } from './poll.svelte.ts';
import { send } from './request.ts';
import { view } from './view.svelte.ts';

/** What the live socket has told this page. */
export interface Live {
  readonly state: LiveState;
  /** Errors, to be merged with a fetched feed. */
  readonly heard: Heard;
  /** When the last frame came, by this browser's clock; null = none yet. */
  readonly heardAtMs: number | null;
  /** Frames that were left out because this console does not understand them. */
  readonly ignored: number;
}

/**
 * Follows the live socket at `url` while the page is visible, not paused and may ask; null = there is none. What it tells of the summary takes the
 * place of a poll's answer. Call it while a component is made; it ends with the component.
 */
export function followLive(url: () => string | null, overall: Polled<Summary>): Live {
  let state = $state.raw<LiveState>({ type: 'off' });
  let heard = $state.raw<Heard>(nothingHeard);
  let heardAtMs = $state<number | null>(null);
  let ignored = $state(0);

  const inbox = new LiveInbox();
  let frame: number | null = null;
  // However many frames come, the page is drawn once.
  function draw(): void {
    frame = null;
    heardAtMs = Date.now();
    heard = inbox.errors.now;
    const summary = inbox.takeSummary();
    if (summary !== null) overall.put(summary.data, summary.receivedAtMs);
  }
  const connection = new LiveConnection(browserParts, {
    changed: (next) => {
      state = next;
    },
    heard: (event) => {
      inbox.hear(event, overall.held, Date.now());
      frame ??= requestAnimationFrame(draw);
    },
    ignored: () => {
      ignored += 1;
    },
    barred: bar,
  });

  const wanted = $derived(page.isVisible && !view.now.isPaused && page.barred === null ? url() : null);
  $effect(() => {
    const address = wanted;
    untrack(() => connection.want(address));
  });
  $effect(() => {
    if (page.refreshes > 0) untrack(() => connection.retry());
  });
  $effect(() => () => {
    connection.want(null);
    if (frame !== null) cancelAnimationFrame(frame);
  });

  return {
    get state() {
      return state;
    },
    get heard() {
      return heard;
    },
    get heardAtMs() {
      return heardAtMs;
    },
    get ignored() {
      return ignored;
    },
  };
}

const browserParts: LiveParts = {
  ticket: (signal) => send('/live/ticket', liveTicket, signal),
  open: openSocket,
  nowMs: Date.now,
  random: Math.random,
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

function openSocket(url: string, { opened, said, closed }: LiveSocketEvents): LiveSocket | null {
  try {
    const socket = new WebSocket(url);
    socket.onopen = opened;
    socket.onmessage = ({ data }) => said(data);
    socket.onclose = ({ code }) => closed(code);
    return socket;
  } catch {
    // No URL of a socket, or one without TLS on a page that has it.
    return null;
  }
}
