import { createContext } from 'svelte';
import type { Zone } from '../ui/times.ts';
import type { ChartSeries } from './series.ts';

/** Error rate and ERROR records, drawn into every chart of a tab (design §7, "incident view"). */
export interface Overlay {
  /** 0-100. */
  readonly errorRate: ChartSeries;
  /** When ERROR records were written, ms since the epoch. */
  readonly errorsMs: readonly number[];
}

export interface BoardParts {
  /** What the charts show, ms since the epoch. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly zone: Zone;
  /** Charts as tables. */
  readonly isTable: boolean;
  readonly overlay: Overlay | null;
  /** A stretch was chosen, edges at whole windows. */
  readonly zoom: (fromMs: number, toMs: number) => void;
  /** The whole window was moved by so many milliseconds; negative = earlier. */
  readonly pan: (ms: number) => void;
  /** To what was shown before the last zoom. */
  readonly back: () => void;
  /** A window was chosen. */
  readonly pick: (fromMs: number, toMs: number) => void;
}

/** What the charts of a tab have in common: the crosshair, the brush and the stretch of time. */
class Board {
  /** The instant that is pointed at in one of the charts; null = none. */
  pointedMs = $state<number | null>(null);
  brush = $state.raw<readonly [number, number] | null>(null);
  /** How far the charts are being dragged. */
  panMs = $state(0);
  readonly #parts: () => BoardParts;

  constructor(parts: () => BoardParts) {
    this.#parts = parts;
  }

  get parts(): BoardParts {
    return this.#parts();
  }
}

const [board, setBoard] = createContext<Board>();

export { board };

/** Gives the charts below a board of their own. Call it while a component is made; `parts` is reactive. */
export function provideBoard(parts: () => BoardParts): Board {
  return setBoard(new Board(parts));
}
