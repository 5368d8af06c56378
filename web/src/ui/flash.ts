import type { Attachment } from 'svelte/attachments';

const flashMs = 1_000;

/** Flashes the element once when the word changes; never at first, and not for who wants less motion. Null leaves the word as it was. */
export function flashOnChange(word: () => string | null): Attachment {
  let last: string | undefined;
  return (element) => {
    const next = word();
    if (next === null) return;
    if (last !== undefined && last !== next && !matchMedia('(prefers-reduced-motion: reduce)').matches) {
      element.animate([{ opacity: 0.2 }, { opacity: 1 }], { duration: flashMs, easing: 'ease-out' });
    }
    last = next;
  };
}
