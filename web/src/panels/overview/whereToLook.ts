import type { Summary } from '@command-center/contract/api/summary';
import { silenceMs } from '@command-center/contract/retention';
import { logsOf, type View } from '../../state/view.ts';

const incident: Partial<View> = { tab: 'golden', isIncident: true };
const errors = logsOf({ level: 'ERROR' });

/** By id (contract.md §6); what is not listed is infrastructure. */
const byService: Readonly<Record<string, Partial<View>>> = {
  http_api: incident,
  websocket_hub: { tab: 'golden' },
  voice_sfu: { tab: 'voice' },
};

/** Where the cause of a verdict can be looked at, in the order in which the verdict chooses it: services, vital signs, other signals. */
export function whereToLook(summary: Summary): Partial<View> {
  const { verdict, services, vital_signs: signs, alerts, stale } = summary;
  if (verdict.status === 'unknown' || stale || isSilent(summary)) return { tab: 'intake' };
  const service = services.find(
    ({ status }) => status === verdict.status && (status === 'degraded' || status === 'down'),
  );
  if (service !== undefined) return byService[service.id] ?? { tab: 'infrastructure' };
  if (signs.latency.colour === 'red' || signs.errors.colour === 'red') return incident;
  if (signs.saturation.colour === 'red') return { tab: 'infrastructure' };
  const [alert] = alerts;
  return alert === undefined ? errors : ofAlert(alert);
}

/** Nothing comes any more, of no signal: what is wrong with a service is not to be seen in what it sent before. */
function isSilent({ now, freshness }: Summary): boolean {
  const heard = Object.values(freshness).filter((ts) => ts !== null);
  return heard.length > 0 && heard.every((ts) => Date.parse(now) - Date.parse(ts) > silenceMs);
}

function ofAlert({ signal, subject }: Summary['alerts'][number]): Partial<View> {
  if (signal.startsWith('ERROR records')) return logsOf({ level: 'ERROR', service: subject });
  if (signal.startsWith('Voice')) return { tab: 'voice' };
  return signal.startsWith('API') ? incident : { tab: 'infrastructure' };
}
