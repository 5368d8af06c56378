import type { Summary, VoiceNow } from '@command-center/contract/api/summary';
import type { LiveEvent } from '@command-center/contract/events';
import type { Held } from './heldSummary.ts';
import { HeardErrors } from './liveErrors.ts';
import { mayReplace, withChange } from './liveSummary.ts';

/** What frames say, between two times that the page is drawn. */
export class LiveInbox {
  readonly errors = new HeardErrors();
  #summary: Held<Summary> | null = null;
  #voice: Held<VoiceNow> | null = null;

  /** Takes a frame; `held` is the summary that the page shows. */
  hear(event: LiveEvent, held: Held<Summary> | null, nowMs: number): void {
    const known = this.#summary ?? held;
    switch (event.type) {
      case 'admin.observability.snapshot':
        // Oldest first, as they would have come.
        for (const error of event.data.errors.toReversed()) this.errors.add(error, nowMs);
        this.#take(event.data.summary, known, nowMs);
        this.#voice = { data: event.data.voice, receivedAtMs: nowMs };
        return;
      case 'admin.observability.vital_signs':
        this.#take(event.data.summary, known, nowMs);
        return;
      case 'admin.observability.health_change':
        // What is known of all else is as old as it was.
        if (known !== null) this.#summary = { ...known, data: withChange(known.data, event) };
        return;
      case 'admin.observability.error_event': {
        const { more, ...error } = event.data;
        this.errors.add({ ...error, id: event.id, level: 'ERROR' }, nowMs);
        this.errors.addUnsent(more, nowMs);
        return;
      }
      case 'admin.observability.voice_pulse':
        this.#voice = { data: event.data, receivedAtMs: nowMs };
        return;
    }
  }

  /** What was last told of voice; null = nothing yet. */
  get voice(): Held<VoiceNow> | null {
    return this.#voice;
  }

  /** The summary since the last time, once; null where nothing changed it. */
  takeSummary(): Held<Summary> | null {
    const summary = this.#summary;
    this.#summary = null;
    return summary;
  }

  #take(data: Summary, known: Held<Summary> | null, nowMs: number): void {
    if (!mayReplace(data, known, nowMs)) return;
    // Counted by the API, which the sidecar knows nothing of.
    const audit_failures = Math.max(data.audit_failures, known?.data.audit_failures ?? 0);
    this.#summary = { data: { ...data, audit_failures }, receivedAtMs: nowMs };
  }
}
