import { expect } from 'vitest';
import { passMinutes, type Weight } from './hours.ts';
import { consoleTest as it } from './stage.ts';

/** The small size of `npm run bench:console-hours`, which passes twelve hours. */
it('what an open console takes does not grow with the minutes', async ({ open }) => {
  const console = await open({ path: '/command-center?tab=logs', isLive: true, isClockHeld: true });
  await console.page.locator('[data-log]').first().waitFor();
  const weights: Weight[] = [];
  await passMinutes(console, 6, 3, (weight) => weights.push(weight));
  const [first, last] = weights;
  if (first === undefined || last === undefined) throw new Error('nothing was weighed');
  process.stdout.write(
    `${(last.heapBytes - first.heapBytes) / 1_000} kB and ${last.nodes - first.nodes} nodes in 3 min\n`,
  );
  expect(await console.page.locator('[data-connection]').textContent()).toContain('● live');
  expect(last.heapBytes - first.heapBytes).toBeLessThan(1_000_000);
});
