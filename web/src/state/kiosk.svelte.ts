import { page } from './page.svelte.ts';
import { view } from './view.svelte.ts';

/** Makes the page one for a wall screen while the address says so: what only hands need is hidden, and the screen stays on. Call it while a component is made. */
export function followKiosk(): void {
  $effect(() => {
    const { isKiosk } = view.now;
    document.documentElement.toggleAttribute('data-kiosk', isKiosk);
    // The lock ends with the page's visibility.
    if (!isKiosk || !page.isVisible) return undefined;
    const lock = keepAwake();
    return () => void lock.then((held) => held?.release());
  });
}

/** Null where the browser has no such lock, or the battery is low. */
async function keepAwake(): Promise<WakeLockSentinel | null> {
  try {
    return await navigator.wakeLock.request('screen');
  } catch {
    return null;
  }
}
