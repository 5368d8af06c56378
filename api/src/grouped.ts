/** Items that wait for the group before them to be written. */
interface Group<T> {
  readonly items: T[];
  readonly written: Promise<void>;
}

/**
 * Writes items in groups, one group after another: the first at once, those that come while it is written together after it, at most `maxItems` at a
 * time. So many callers cost about as many writes as one. What `add` returns ends with its item's group, and rejects as that does.
 */
export function grouped<T>(
  maxItems: number,
  write: (items: readonly T[]) => Promise<void>,
): { add(item: T): Promise<void> } {
  let last: Promise<unknown> = Promise.resolve();
  let next: Group<T> | undefined;
  return {
    add(item) {
      if (next === undefined || next.items.length >= maxItems) {
        const items: T[] = [];
        const written = last.then(() => {
          // Nobody joins a group that is on its way.
          if (next?.items === items) next = undefined;
          return write(items);
        });
        last = written.catch(() => undefined);
        next = { items, written };
      }
      next.items.push(item);
      return next.written;
    },
  };
}
