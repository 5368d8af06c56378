import type { VoiceNow } from '@command-center/contract/api/summary';
import type { Ratio, Situation } from './situation.ts';

/** What voice does now (`voice` of /summary): newest complete readings over all series, at most 3 min old, and the joins of the last hour; pure. */
export function voiceOf({ level }: Situation, { numerator, denominator }: Ratio): VoiceNow {
  return {
    active_sessions: level('kaiku_voice_sessions_active'),
    active_rooms: level('kaiku_voice_rooms_active'),
    join_success_rate_1h: denominator > 0 ? Math.min(100, (100 * numerator) / denominator) : null,
  };
}
