import type { Infrastructure } from '@command-center/contract/api/infrastructure';
import type { Summary } from '@command-center/contract/api/summary';
import type { Polled } from '../../state/poll.svelte.ts';
import type { TabProps } from '../tabProps.ts';

/** What every part of the tab is given. */
export interface PartProps {
  /** Null while there is none. */
  readonly answer: Infrastructure | null;
  /** Of the charts: what is wrong with it is said above them. */
  readonly source: Pick<Polled<unknown>, 'held' | 'failure' | 'retryAtMs' | 'isWaiting'>;
  /** As it may be shown now. */
  readonly summary: Summary | null;
  readonly tab: TabProps;
}
