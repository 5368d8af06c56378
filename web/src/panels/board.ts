import { type Overlay, provideBoard } from '../charts/board.svelte.ts';
import { page } from '../state/page.svelte.ts';
import { customTime, movedBy, windowOf } from '../state/timeChoice.ts';
import { go, view } from '../state/view.svelte.ts';
import { logsOf, type View } from '../state/view.ts';
import type { Zone } from '../ui/times.ts';

interface Shown {
  /** What the charts show the answer to; undefined = none yet. */
  readonly answer: { readonly from: string; readonly to: string } | undefined;
  readonly zone: Zone;
  readonly overlay?: Overlay | null;
  /** Filters of the logs that a point opens, beside its time. */
  readonly logs: Partial<View>;
}

/** Gives the charts below the view's stretch of time: zooming and moving them changes the address. Call it while a component is made; `shown` is reactive. */
export function viewBoard(shown: () => Shown): void {
  provideBoard(() => {
    const { answer, zone, overlay = null, logs } = shown();
    const change = (fromMs: number, toMs: number, more: (time: Partial<View>) => Partial<View>): void => {
      const time = customTime(fromMs, toMs);
      if (time !== null) go(more({ time }));
    };
    return {
      window:
        answer === undefined
          ? windowOf(view.now.time, page.serverNowMs)
          : { fromMs: Date.parse(answer.from), toMs: Date.parse(answer.to) },
      zone,
      isTable: view.now.isTable,
      overlay,
      zoom: (fromMs, toMs) => change(fromMs, toMs, (time) => time),
      back: () => {
        if (view.now.time.type === 'custom') history.back();
      },
      pan: (ms) => go({ time: movedBy(view.now.time, ms, page.serverNowMs) }),
      pick: (fromMs, toMs) => change(fromMs, toMs, (time) => logsOf({ ...time, ...logs })),
    };
  });
}
