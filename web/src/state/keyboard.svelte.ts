import { type Key, keyOf, stepRow } from './keys.ts';
import { page, refreshAll } from './page.svelte.ts';
import { toggleTheme } from './theme.svelte.ts';
import { shifted } from './timeChoice.ts';
import { go, view } from './view.svelte.ts';
import { tabs } from './view.ts';

export const searchId = 'log-search';
export const timeId = 'time-range';
/** The button that exports what is on screen. */
export const exportId = 'export';

/** Does what a key asks for; `help` is the list of keys. */
export function onKey(event: KeyboardEvent, help: { toggle(): void }): void {
  const { target } = event;
  const isTyping =
    target instanceof HTMLElement && target.matches('input:not([type="radio"], [type="checkbox"]), select, textarea');
  const key = keyOf({
    key: event.key,
    ctrlKey: event.ctrlKey,
    metaKey: event.metaKey,
    altKey: event.altKey,
    isTyping,
  });
  if (key === null || key === 'Enter' || event.defaultPrevented) return;
  if (key !== 'Esc') event.preventDefault();
  if (key === '?') help.toggle();
  else actions[key]();
}

const actions: Readonly<Record<Exclude<Key, 'Enter' | '?'>, () => void>> = {
  '1': () => go({ tab: tabs[0] }),
  '2': () => go({ tab: tabs[1] }),
  '3': () => go({ tab: tabs[2] }),
  '4': () => go({ tab: tabs[3] }),
  '5': () => go({ tab: tabs[4] }),
  '6': () => go({ tab: tabs[5] }),
  t: () => document.querySelector<HTMLElement>(`#${timeId} input:checked, #${timeId} button`)?.focus(),
  '[': () => go({ time: shifted(view.now.time, -1, page.nowMs) }),
  ']': () => go({ time: shifted(view.now.time, 1, page.nowMs) }),
  r: refreshAll,
  p: () => go({ isPaused: !view.now.isPaused }, 'replace'),
  '/': search,
  i: () => go({ tab: 'golden', isIncident: !view.now.isIncident }),
  e: () => document.getElementById(exportId)?.click(),
  j: () => walk(1),
  k: () => walk(-1),
  d: toggleTheme,
  K: () => go({ isKiosk: !view.now.isKiosk }),
  Esc: back,
};

/** Frames that a tab may take until it is drawn, when its part of the console has yet to be loaded: some seconds. */
const mostFrames = 300;

function search(): void {
  go({ tab: 'logs' });
  focusOnceDrawn(mostFrames);
}

function focusOnceDrawn(frames: number): void {
  const field = document.getElementById(searchId);
  if (field !== null) field.focus();
  else if (frames > 0 && view.now.tab === 'logs') requestAnimationFrame(() => focusOnceDrawn(frames - 1));
}

/** Rows mark themselves by `data-row` and take the focus. */
function walk(step: 1 | -1): void {
  const active = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  const all = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const inTab = all.filter((row) => row.closest('[data-tab]') !== null);
  // The rows of the open tab, unless the reader already is in another list.
  const isElsewhere = active !== null && all.includes(active) && !inTab.includes(active);
  const list = inTab.length > 0 && !isElsewhere ? inTab : all;
  const row = list[stepRow(active === null ? -1 : list.indexOf(active), step, list.length)];
  if (row === undefined) return;
  row.focus();
  row.scrollIntoView({ block: 'nearest' });
}

function back(): void {
  const { activeElement } = document;
  if (activeElement instanceof HTMLInputElement || activeElement instanceof HTMLSelectElement) activeElement.blur();
  else if (view.now.isKiosk) go({ isKiosk: false });
  else if (view.now.row !== '') go({ row: '' }, 'replace');
  else if (view.now.time.type === 'custom') history.back();
}
