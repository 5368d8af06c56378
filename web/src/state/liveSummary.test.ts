import { describe, expect, it } from 'vitest';
import { hasRunOut } from './heldSummary.ts';
import { mayReplace, mostTransitions, withChange } from './liveSummary.ts';
import { at, healthChange, summaryAt } from './testing/liveFrames.ts';

describe('a summary that is pushed', () => {
  it('takes the place of the one that is held', () => {
    expect(mayReplace(summaryAt(5), null, 0)).toBe(true);
    expect(mayReplace(summaryAt(5), { data: summaryAt(5), receivedAtMs: 0 }, 0)).toBe(true);
  });

  it('does not where it is of an earlier time by the database', () => {
    expect(mayReplace(summaryAt(4), { data: summaryAt(5), receivedAtMs: 0 }, 15_000)).toBe(false);
  });

  it('does where what is held has run out: a database that took over may have another clock', () => {
    expect(mayReplace(summaryAt(4), { data: summaryAt(5), receivedAtMs: 0 }, 15_001)).toBe(true);
  });
});

describe('a change of a service that is pushed', () => {
  const summary = summaryAt(0);

  it('shows in its row at once, with the reason and since when', () => {
    const { services } = withChange(summary, healthChange(3, 'postgresql', 'down'));
    expect(services.find(({ id }) => id === 'postgresql')).toMatchObject({
      status: 'down',
      reason: 'no answer',
      since: at(3),
    });
    expect(services.filter(({ status }) => status === 'down')).toHaveLength(1);
  });

  it('is the newest of the changes of 24 h, of which there are 20', () => {
    let many = summary;
    for (let second = 1; second <= mostTransitions + 5; second += 1)
      many = withChange(many, healthChange(second, 'postgresql', second % 2 === 0 ? 'healthy' : 'down'));
    expect(many.transitions).toHaveLength(mostTransitions);
    expect(many.transitions[0]?.ts).toBe(at(mostTransitions + 5));
  });

  it('does nothing where it comes again, or after a later one', () => {
    const changed = withChange(summary, healthChange(3, 'postgresql', 'down'));
    expect(withChange(changed, healthChange(3, 'postgresql', 'down'))).toBe(changed);
    expect(withChange(changed, healthChange(2, 'postgresql', 'healthy'))).toBe(changed);
  });

  it('does nothing for a service that the summary does not know', () => {
    expect(withChange(summary, healthChange(3, 'nobody', 'down'))).toBe(summary);
  });

  it('makes the rest no younger: where frames stop, what is shown runs out 15 s after it was written', () => {
    const changed = withChange(summary, healthChange(3, 'postgresql', 'down'));
    const held = { data: changed, receivedAtMs: 1_000 };
    expect([hasRunOut(held, 15_000), hasRunOut(held, 15_001)]).toEqual([false, true]);
  });
});
