import type { Config } from '@command-center/contract/api/config';
import type { Summary } from '@command-center/contract/api/summary';
import type { Live } from '../state/live.svelte.ts';
import type { Polled } from '../state/poll.svelte.ts';
import type { Zone } from '../ui/times.ts';

/** What every tab is given. */
export interface TabProps {
  readonly config: Config | null;
  readonly zone: Zone;
  readonly summary: Polled<Summary>;
  readonly live: Live;
}
