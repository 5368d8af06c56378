import type { Summary } from '@command-center/contract/api/summary';
import type { LiveEvent } from '@command-center/contract/events';
import { untrack } from 'svelte';
import { z } from 'zod';
import type { Held } from './heldSummary.ts';
import { LiveConnection, type LiveSocket, type LiveSocketEvents, type LiveState } from './liveConnection.ts';
import { type Heard, type HeardError, HeardErrors, nothingHeard } from './liveErrors.ts';
import { mayReplace, withChange } from './liveSummary.ts';
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

const ticketAnswer = z.object({ ticket: z.string() });

/**
 * Follows the live socket at `url` while the page is visible, not paused and may ask; null = there is none. What it tells of the summary takes the
 * place of a poll's answer. Call it while a component is made; it ends with the component.
 */
export function followLive(url: () => string | null, overall: Polled<Summary>): Live {
  let state = $state.raw<LiveState>({ type: 'off' });
  let heard = $state.raw<Heard>(nothingHeard);
  let heardAtMs = $state<number | null>(null);
  let ignored = $state(0);

  const errors = new HeardErrors();
  /** What was heard since the last animation frame. */
  let summary: Held<Summary> | null = null;
  let frame: number | null = null;

  // However many frames come, the page is drawn once.
  function draw(): void {
    frame = null;
    heardAtMs = Date.now();
    heard = errors.now;
    if (summary !== null) overall.put(summary.data, summary.receivedAtMs);
    summary = null;
  }

  function takeSummary(data: Summary): void {
    const nowMs = Date.now();
    if (mayReplace(data, summary ?? overall.held, nowMs)) summary = { data, receivedAtMs: nowMs };
  }

  function hear(event: LiveEvent): void {
    frame ??= requestAnimationFrame(draw);
    switch (event.type) {
      case 'admin.observability.snapshot':
        for (const error of event.data.errors.toReversed()) errors.add(error, Date.now());
        takeSummary(event.data.summary);
        return;
      case 'admin.observability.vital_signs':
        takeSummary(event.data.summary);
        return;
      case 'admin.observability.health_change': {
        const known = summary ?? overall.held;
        // What is known of all else is as old as it was.
        if (known !== null) summary = { data: withChange(known.data, event), receivedAtMs: known.receivedAtMs };
        return;
      }
      case 'admin.observability.error_event': {
        const { more, ...error } = event.data;
        errors.add({ ...error, id: event.id, level: 'ERROR' } satisfies HeardError, Date.now());
        errors.addUnsent(more, Date.now());
        return;
      }
      case 'admin.observability.voice_pulse':
        // Of a topic that this page does not ask for.
        return;
    }
  }

  const connection = new LiveConnection(
    {
      ticket: (signal) => send('/live/ticket', ticketAnswer, signal),
      open: openSocket,
      nowMs: Date.now,
      random: Math.random,
      later(run, ms) {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    {
      changed: (next) => (state = next),
      heard: hear,
      ignored: () => (ignored += 1),
      barred: bar,
    },
  );

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
