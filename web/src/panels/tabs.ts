import type { Component } from 'svelte';
import type { Tab } from '../state/view.ts';
import { late } from '../ui/late.ts';
import GoldenSignals from './golden/GoldenSignals.svelte';
import type { TabProps } from './tabProps.ts';

type TabModule = { readonly default: Component<TabProps> };

/** The tab that the console opens with is part of its first load; the first screen does not wait for the others. */
export const tabModules: Readonly<Record<Tab, () => Promise<TabModule>>> = {
  golden: () => Promise.resolve({ default: GoldenSignals }),
  voice: late(() => import('./voice/Voice.svelte')),
  infrastructure: late(() => import('./infrastructure/Infrastructure.svelte')),
  logs: late(() => import('./logs/LogList.svelte')),
  traces: late(() => import('./traces/TraceList.svelte')),
  intake: late(() => import('./intake/Intake.svelte')),
};
