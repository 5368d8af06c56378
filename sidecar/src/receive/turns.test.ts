import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { UNQUEUED_DECODE_BYTES } from '../limits.ts';
import { decodeTurn } from './turns.ts';

describe('requests are decoded', () => {
  it('one a turn of the event loop where they are large, so that commits and other senders get on between them', async () => {
    const order: string[] = [];
    const large = ['first', 'second', 'third'].map(async (name) => {
      await decodeTurn(UNQUEUED_DECODE_BYTES + 1);
      order.push(name);
    });
    const others = (async () => {
      for (let turn = 0; turn < 3; turn++) {
        await setImmediate();
        order.push('others');
      }
    })();
    await Promise.all([...large, others]);
    for (const name of ['first', 'second']) expect(order[order.indexOf(name) + 1]).toBe('others');
  });

  it('at once where they are small', async () => {
    const order: string[] = [];
    const large = decodeTurn(UNQUEUED_DECODE_BYTES + 1).then(() => order.push('large'));
    await decodeTurn(UNQUEUED_DECODE_BYTES).then(() => order.push('small'));
    await large;
    expect(order).toEqual(['small', 'large']);
  });
});
