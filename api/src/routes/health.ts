import { ping, pingRow } from '../queries/ping.ts';
import { readRows } from '../statement.ts';
import type { Surroundings, View } from './view.ts';

export function healthView({ deps }: Surroundings): View {
  return async (c) => {
    await readRows(deps.sql, pingRow, ping);
    return c.json({ status: 'ok', version: deps.version });
  };
}
