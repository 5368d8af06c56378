import type { Summary } from '@command-center/contract/api/summary';
import { logsOf, type View } from '../../state/view.ts';

/** Where the cause of a verdict can be looked at: the signals where one of them alerts, what arrived where nothing is known, else the errors. */
export function whereToLook({ verdict, alerts, stale }: Summary): Partial<View> {
  if (verdict.status === 'unknown' || stale) return { tab: 'intake' };
  if (alerts.some(({ signal }) => signal === 'errors' || /error/i.test(signal))) return logsOf({ level: 'ERROR' });
  return alerts.length > 0 ? { tab: 'golden' } : logsOf({ level: 'ERROR' });
}
