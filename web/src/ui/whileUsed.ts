import type { Attachment } from 'svelte/attachments';

/** Milliseconds after its last movement that a pointer, or the last key, counts: one that was left there holds up nothing. */
const restingMs = 10_000;

/** Calls `begin` while somebody points at the element or walks it with keys, and `end` once nobody does. */
export function whileUsed(begin: () => void, end: () => void): Attachment {
  return (element) => {
    const over = new AbortController();
    let resting: ReturnType<typeof setTimeout> | undefined;
    const use = (): void => {
      clearTimeout(resting);
      resting = setTimeout(end, restingMs);
      begin();
    };
    const leave = (): void => {
      clearTimeout(resting);
      end();
    };
    const listen = { signal: over.signal, passive: true };
    element.addEventListener('pointermove', use, listen);
    element.addEventListener('pointerleave', leave, listen);
    element.addEventListener('keydown', use, listen);
    element.addEventListener(
      'focusout',
      (event) => {
        const next = event instanceof FocusEvent ? event.relatedTarget : null;
        if (!(next instanceof Node && element.contains(next))) leave();
      },
      listen,
    );
    return () => {
      over.abort();
      clearTimeout(resting);
    };
  };
}
