import type { Config } from '@command-center/contract/api/config';
import type { Summary } from '@command-center/contract/api/summary';
import type { Component } from 'svelte';
import type { Live } from '../state/live.svelte.ts';
import type { Polled } from '../state/poll.svelte.ts';
import type { Tab } from '../state/view.ts';
import type { Zone } from '../ui/times.ts';

/** What every tab is given. */
export interface TabProps {
  readonly config: Config | null;
  readonly zone: Zone;
  readonly summary: Polled<Summary>;
  readonly live: Live;
}

type TabModule = { readonly default: Component<TabProps> };

/** Each tab is loaded when it is opened: the first screen does not wait for what it does not show. */
export const tabModules: Readonly<Record<Tab, () => Promise<TabModule>>> = {
  golden: () => import('./golden/GoldenSignals.svelte'),
  voice: () => import('./voice/Voice.svelte'),
  infrastructure: () => import('./infrastructure/Infrastructure.svelte'),
  logs: () => import('./logs/LogList.svelte'),
  traces: () => import('./traces/TraceList.svelte'),
  intake: () => import('./intake/Intake.svelte'),
};
