import type { ChosenSeries } from '@command-center/drizzle/trends/columns';
import type { LabelledSeries } from '../queries/labelledSeries.ts';

/** Series to add up, and what each member of the answer stands for. */
export interface Members<K> extends ChosenSeries {
  readonly keys: readonly K[];
}

/** Series of one key become one member; those without a key are left out. Keys are compared as JSON. */
export function membersBy<K>(
  series: readonly LabelledSeries[],
  keyOf: (series: LabelledSeries) => K | undefined,
): Members<K> {
  const positions = new Map<string, number>();
  const keys: K[] = [];
  const ids: number[] = [];
  const members: number[] = [];
  for (const one of series) {
    const key = keyOf(one);
    if (key === undefined) continue;
    const text = JSON.stringify(key);
    let at = positions.get(text);
    if (at === undefined) {
      at = keys.push(key) - 1;
      positions.set(text, at);
    }
    ids.push(one.id);
    members.push(at);
  }
  return { keys, ids, members };
}
