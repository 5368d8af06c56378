import type { TrendShape } from '@command-center/contract/trends/shape';
import type { Fragment, ISql } from 'postgres';
import { sent } from './sent.ts';

/** Numbers of a window; which of them its row holds depends on its shape. */
export type Column = 'count' | 'sum' | 'value' | 'min' | 'max';

const gauge: readonly Column[] = ['value', 'min', 'max'];

/** Of a minute: the value of some gauges is their least or greatest, and additive ones have no others. */
export const minuteColumns: Readonly<Record<TrendShape, readonly Column[]>> = {
  counter: ['sum'],
  histogram: ['count', 'sum', 'min', 'max'],
  additive: ['value'],
  max: ['min', 'max'],
  min: ['min', 'max'],
  last: gauge,
};

export const hourColumns: Readonly<Record<TrendShape, readonly Column[]>> = {
  counter: minuteColumns.counter,
  histogram: minuteColumns.histogram,
  additive: gauge,
  max: gauge,
  min: gauge,
  last: gauge,
};

/** The windows of a member as one row (`TrendRow`): of rows with `ts` and the columns. */
export function sentColumns(sql: ISql, shape: TrendShape, columns: readonly Column[]): Fragment {
  const names = shape === 'histogram' ? [...columns, 'sketches'] : columns;
  return names.reduce(
    (all: Fragment, name) => sql`${all}, ${sent(sql, name)} AS ${sql(name)}`,
    sql`${sent(sql, "date_part('epoch', ts)")} AS starts`,
  );
}
