import type { Config } from '@command-center/contract/api/config';
import { type VoiceSummary, voiceQuality, voiceSummary } from '@command-center/contract/api/voice';
import { cadences } from '@command-center/contract/cadences';
import type { Live } from '../../state/live.svelte.ts';
import { type Polled, poll } from '../../state/poll.svelte.ts';
import { liveSince, pushedPace } from '../../state/pushed.ts';
import { pathOf } from '../../state/request.ts';
import { timeParameters } from '../../state/timeChoice.ts';
import { view } from '../../state/view.svelte.ts';
import { withPulse } from './pulse.ts';

/** Everything that the tab asks for, and what is pushed to it. Call it while the tab's component is made. */
export function followVoice(config: () => Config | null, live: () => Live) {
  const cadenceMs = $derived((config()?.cadences.voice ?? cadences.voice) * 1_000);
  const sinceMs = $derived(liveSince(live()));
  const pace = $derived(pushedPace({ sinceMs, cadenceMs, isEnough: true, live, fetched: () => summary }));
  const summary: Polled<VoiceSummary> = poll(() => ({ path: '/voice/summary', schema: voiceSummary, ...pace }));
  const quality = poll(() => ({
    path: pathOf('/voice/quality', timeParameters(view.now.time)),
    schema: voiceQuality,
    cadenceMs,
  }));
  const now = $derived(summary.held === null ? null : withPulse(summary.held, live().voice));
  return {
    summary,
    quality,
    get cadenceMs() {
      return cadenceMs;
    },
    /** Milliseconds between two fetches of the summary. */
    get summaryCadenceMs() {
      return pace.cadenceMs ?? cadenceMs;
    },
    get now() {
      return now;
    },
  };
}

export type Voice = ReturnType<typeof followVoice>;
