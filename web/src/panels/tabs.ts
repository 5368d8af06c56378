import type { Component } from 'svelte';
import type { Tab } from '../state/view.ts';
import GoldenSignals from './golden/GoldenSignals.svelte';
import type { TabProps } from './tabProps.ts';

type TabModule = { readonly default: Component<TabProps> };

/** Each tab is loaded when it is opened: the first screen does not wait for what it does not show. */
export const tabModules: Readonly<Record<Tab, () => Promise<TabModule>>> = {
  golden: () => Promise.resolve({ default: GoldenSignals }),
  voice: () => import('./voice/Voice.svelte'),
  infrastructure: () => import('./infrastructure/Infrastructure.svelte'),
  logs: () => import('./logs/LogList.svelte'),
  traces: () => import('./traces/TraceList.svelte'),
  intake: () => import('./intake/Intake.svelte'),
};
