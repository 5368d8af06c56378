import { changed, queryOf, readView, type View } from './view.ts';

let current = $state.raw(readView(location.search));
addEventListener('popstate', () => {
  current = readView(location.search);
});

/** The view in the address bar. */
export const view = {
  get now(): View {
    return current;
  },
};

/** The address of the view after a change. */
export function addressOf(change: Partial<View>): string {
  return location.pathname + queryOf(changed(current, change));
}

/** Changes the view; `push` makes an entry that the Back button returns from, `replace` does not. */
export function go(change: Partial<View>, how: 'push' | 'replace' = 'push'): void {
  const address = addressOf(change);
  if (address === location.pathname + location.search) return;
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  current = changed(current, change);
}
