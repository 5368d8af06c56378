import { liveBeatSeconds } from '@command-center/contract/live';
import type { OpenConsole } from './open.ts';

/** What an open page takes, after its garbage is collected. */
export interface Weight {
  readonly minute: number;
  readonly heapBytes: number;
  /** Of the DOM, detached ones too. */
  readonly nodes: number;
}

const MINUTE_MS = 60_000;
/** As long as the page is told something each so often, it is live. */
const STEP_MS = liveBeatSeconds * 1_000;

/**
 * Lets `minutes` pass on a page whose clock is held, with what happens on one that is live: vital signs every five seconds, each minute an error of
 * one of many kinds, every ten minutes for five of them a state that is not OK. Weighs the page every `everyMinutes`.
 */
export async function passMinutes(
  open: OpenConsole,
  minutes: number,
  everyMinutes: number,
  weighed: (weight: Weight) => void,
): Promise<void> {
  const { page, api, live, advance } = open;
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  for (let minute = 1; minute <= minutes; minute += 1) {
    api.scenario = minute % 10 < 5 ? 'ok' : 'degraded';
    live.pushError(`kind_${minute % 60}`, `error of minute ${minute}`);
    for (let ms = 0; ms < MINUTE_MS; ms += STEP_MS) {
      live.pushVitalSigns();
      await advance(STEP_MS);
    }
    if (minute % everyMinutes !== 0) continue;
    for (let times = 0; times < 3; times += 1) await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const metric = (name: string): number => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
    weighed({ minute, heapBytes: metric('JSHeapUsedSize'), nodes: metric('Nodes') });
  }
}
