import { liveTicket } from '@command-center/contract/api/live';
import type { Summary, VoiceNow } from '@command-center/contract/api/summary';
import type { LiveTopic } from '@command-center/contract/events';
import { untrack } from 'svelte';
import type { Held } from './heldSummary.ts';
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
  /** The newest of voice; null = none yet. It is told every 5 s while the Voice tab is open. */
  readonly voice: Held<VoiceNow> | null;
  /** When the last frame came, by this browser's clock; null = none yet. */
  readonly heardAtMs: number | null;
  /** Frames that were left out because this console does not understand them. */
  readonly ignored: number;
}

const overviewAlone: readonly LiveTopic[] = ['overview'];
const withVoice: readonly LiveTopic[] = ['overview', 'voice'];

/**
 * Follows the live socket at `url` while the page is visible, not paused and may ask; null = there is none. It is told the topics of the open tab.
 * What it says of the summary takes the place of a poll's answer. Call it while a component is made; it ends with the component.
 */
export function followLive(url: () => string | null, overall: Polled<Summary>): Live {
  let state = $state.raw<LiveState>({ type: 'off' });
  let heard = $state.raw<Heard>(nothingHeard);
  let voice = $state.raw<Held<VoiceNow> | null>(null);
  let heardAtMs = $state<number | null>(null);
  let ignored = $state(0);

  const inbox = new LiveInbox();
  let frame: number | null = null;
  // However many frames come, the page is drawn once.
  function draw(): void {
    frame = null;
    heardAtMs = Date.now();
    heard = inbox.errors.now;
    voice = inbox.voice;
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

  const topics = $derived(view.now.tab === 'voice' ? withVoice : overviewAlone);
  $effect(() => connection.follow(topics));
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
    get voice() {
      return voice;
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
