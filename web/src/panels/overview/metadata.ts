import type { Summary } from '@command-center/contract/api/summary';
import { exact } from '../../ui/numbers.ts';
import { spanText } from '../../ui/times.ts';

/** `checkout 4.2.0`, `up 6 d 3 h`, `1,204 users`: what is known, nothing for what is not. */
export function metadataParts({ metadata, audit_failures }: Pick<Summary, 'metadata' | 'audit_failures'>): string[] {
  const { service, version, uptime_s, users_active, guilds } = metadata;
  const name = [service, version].filter((part) => part !== null).join(' ');
  return [
    name === '' ? null : name,
    uptime_s === null ? null : `up ${spanText(uptime_s * 1_000)}`,
    users_active === null ? null : `${exact(users_active)} users`,
    guilds === null ? null : `${exact(guilds)} guilds`,
    audit_failures === 0 ? null : `${exact(audit_failures)} views could not be written to the audit log`,
  ].filter((part) => part !== null);
}
