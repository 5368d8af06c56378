import type { Summary } from '@command-center/contract/api/summary';
import { exact } from '../../ui/numbers.ts';
import { spanText } from '../../ui/times.ts';

/** `checkout 4.2.0`, `up 6 d 3 h`, `1,204 users`: what is known, nothing for what is not. */
export function metadataParts({
  metadata,
  voice,
  audit_failures,
}: Pick<Summary, 'metadata' | 'voice' | 'audit_failures'>): string[] {
  const { service, version, uptime_s, users_active, guilds } = metadata;
  const name = [service, version].filter((part) => part !== null).join(' ');
  return [
    name === '' ? null : name,
    uptime_s === null ? null : `up ${spanText(uptime_s * 1_000)}`,
    users_active === null ? null : `${exact(users_active)} users`,
    guilds === null ? null : `${exact(guilds)} guilds`,
    voicePart(voice),
    audit_failures === 0 ? null : `${exact(audit_failures)} views could not be written to the audit log`,
  ].filter((part) => part !== null);
}

/** `31 in 7 voice rooms`: who talks now; null where no SFU reports. */
function voicePart({ active_sessions, active_rooms }: Summary['voice']): string | null {
  if (active_sessions === null) return active_rooms === null ? null : counted(active_rooms, 'voice room');
  if (active_rooms === null) return `${exact(active_sessions)} in voice`;
  return `${exact(active_sessions)} in ${counted(active_rooms, 'voice room')}`;
}

function counted(count: number, what: string): string {
  return `${exact(count)} ${what}${count === 1 ? '' : 's'}`;
}
