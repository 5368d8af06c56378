import type { Tally } from './sender.ts';

/** Lines where nobody watches a terminal. */
const PLAIN_EVERY_S = 10;
const DAY_S = 86_400;

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): boolean;
}

export interface Progress {
  show(elapsedS: number, phase: string, tally: Tally): void;
  /** The last state, on a line of its own. */
  end(elapsedS: number, tally: Tally): void;
}

/** One line that is written over on a terminal; elsewhere a line every ten seconds and at each turn of the story. */
export function progressOn(output: Output): Progress {
  let lastPlainS = Number.NEGATIVE_INFINITY;
  let lastKind = '';
  return {
    show: (elapsedS, phase, tally) => {
      const line = `${clock(elapsedS)}  ${sentText(tally)}  ${phase}${failureText(tally)}`;
      if (output.isTTY === true) {
        // Cursor to the first column, rest of the line erased; never wider than the terminal, or it would scroll.
        output.write(`\r\u001b[K${line.slice(0, (output.columns ?? 80) - 1)}`);
        return;
      }
      // The countdown is no turn.
      const kind = phase.replace(/\d+/g, '');
      if (kind === lastKind && elapsedS - lastPlainS < PLAIN_EVERY_S) return;
      lastPlainS = elapsedS;
      lastKind = kind;
      output.write(`${line}\n`);
    },
    end: (elapsedS, tally) => {
      const start = output.isTTY === true ? '\r\u001b[K' : '';
      output.write(`${start}${clock(elapsedS)}  ended; ${sentText(tally)}${failureText(tally)}\n`);
    },
  };
}

/** What the line says while the past is sent. `part`: how much of it is done, 0-1. */
export function historyPhase(part: number, totalS: number, elapsedS: number, { points }: Tally): string {
  const [size, unit] = totalS < 2 * DAY_S ? [3_600, 'hour'] : [DAY_S, 'day'];
  const done = `${unit} ${Math.floor((part * totalS) / size)} of ${Math.ceil(totalS / size)}`;
  const rate = `${Math.round(points / Math.max(elapsedS, 0.001)).toLocaleString('en')} points/s`;
  const left = part === 0 ? '' : `, ${clock((elapsedS * (1 - part)) / part)} left`;
  return `the past: ${done}, ${rate}${left}`;
}

function clock(elapsedS: number): string {
  const whole = Math.floor(elapsedS);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function sentText({ points, logs, spans }: Tally): string {
  const number = (value: number): string => value.toLocaleString('en');
  return `${number(points)} points, ${number(logs)} logs, ${number(spans)} spans sent`;
}

function failureText({ failedExports, lastFailure, lastRefusal }: Tally): string {
  const failed = failedExports === 0 ? '' : `; ${failedExports} exports failed, last: ${lastFailure}`;
  return lastRefusal === undefined ? failed : `${failed}; refused in part: ${lastRefusal}`;
}
