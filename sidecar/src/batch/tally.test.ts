import { describe, expect, it } from 'vitest';
import { MAX_NAMES, MAX_SERVICES, NameBudget, Tally } from './tally.ts';

describe('names and services counted one by one in intake (contract.md §2)', () => {
  it(`are the first ${MAX_NAMES} and ${MAX_SERVICES} of a writer; later ones are counted together, known ones stay apart`, () => {
    const budget = new NameBudget();
    const tally = new Tally();
    for (let number = 0; number < MAX_NAMES; number++)
      tally.add('metrics', `service ${number}`, 'dropped', 'x', `name ${number}`);
    expect(tally.rows(budget)).toHaveLength(MAX_NAMES);
    for (const number of [0, MAX_NAMES, MAX_NAMES + 1])
      tally.add('logs', `service ${number}`, 'dropped', 'x', `name ${number}`);
    const logs = tally.rows(budget).filter(({ signal }) => signal === 'logs');
    expect(logs.map(({ service, name, count }) => ({ service, name, count }))).toEqual([
      { service: '_OTHER', name: '', count: 2 },
      { service: 'service 0', name: 'name 0', count: 1 },
    ]);
  });
});
