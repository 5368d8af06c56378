import type { TransitionItem } from '@command-center/contract/api/summary';
import { mostTransitions } from '../../state/liveSummary.ts';
import { serviceLooks } from '../../ui/states.ts';
import { localised, whenText, type Zone } from '../../ui/times.ts';

/** Fewer are said by the age beside the status. */
const worthSaying = 2;

export interface Changes {
  readonly text: string;
  /** The same in full, then a line a change, newest first. */
  readonly list: string;
}

/** How often a service changed its status in 24 h; null where that is nothing to speak of. `transitions` of all services, newest first. */
export function changesOf(
  id: string,
  transitions: readonly TransitionItem[],
  nowMs: number,
  zone: Zone,
): Changes | null {
  const own = transitions.filter(({ service }) => service === id);
  if (own.length < worthSaying) return null;
  const isCut = transitions.length >= mostTransitions;
  const line = ({ ts, old_status, new_status, reason }: TransitionItem): string => {
    const change = `${whenText(Date.parse(ts), nowMs, zone)} ${serviceLooks[old_status].word} → ${serviceLooks[new_status].word}`;
    return reason === '' ? change : `${change}: ${localised(reason, zone)}`;
  };
  const text = `${isCut ? '≥ ' : ''}${own.length} changes`;
  return { text, list: [`${text} in 24 h`, ...own.map(line)].join('\n') };
}
