import type { LogItem } from '@command-center/contract/api/lists';
import { logsOf, type View } from '../../state/view.ts';

/** The logs that a row of the feed stands for. */
export function groupLink(item: Pick<LogItem, 'level' | 'service' | 'domain' | 'event'>): Partial<View> {
  const { level, service, domain, event: search } = item;
  return logsOf({ level, service, domain, search });
}
