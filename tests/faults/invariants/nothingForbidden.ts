import type { Invariant } from './invariant.ts';

/** At any moment: the address in bodies and attributes is in no table, whatever was retried, split or refused. */
export const nothingForbidden: Invariant = ({ stored }) =>
  stored.forbiddenRows === 0 ? [] : [{ where: 'any table', expected: 0, got: stored.forbiddenRows }];
