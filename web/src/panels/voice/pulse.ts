import type { VoiceNow } from '@command-center/contract/api/summary';
import type { VoiceSummary } from '@command-center/contract/api/voice';
import { colourOf } from '@command-center/contract/thresholds';
import type { Held } from '../../state/heldSummary.ts';

/**
 * The summary with what the live socket told since. A pulse says how many joins succeeded, but not of how many: that stays as it was fetched, and so
 * do the 24 h and the score, of which it says nothing.
 */
export function withPulse(held: Held<VoiceSummary>, pulse: Held<VoiceNow> | null): VoiceSummary {
  const { data, receivedAtMs } = held;
  if (pulse === null || pulse.receivedAtMs <= receivedAtMs) return data;
  const { active_sessions, active_rooms, join_success_rate_1h: value } = pulse.data;
  const hour = data.join_success_1h;
  const colour = colourOf({ ...hour.thresholds, isLowerWorse: true }, value, hour.n);
  return {
    ...data,
    sessions: { ...data.sessions, value: active_sessions },
    rooms: { ...data.rooms, value: active_rooms },
    join_success_1h: { ...hour, value, colour },
  };
}
