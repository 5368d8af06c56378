import { parseArgs } from 'node:util';
import { retentionDays } from '@command-center/contract/retention';

export interface DemoFlags {
  /** Base address of an OTLP/HTTP door; undefined = look for one. */
  readonly endpoint: string | undefined;
  /** Undefined = until Ctrl-C. */
  readonly durationS: number | undefined;
  /** Seconds of the story until the first incident. */
  readonly incidentAfterS: number;
  /** Seconds of the story that pass in one second; load grows with it. */
  readonly speed: number;
  readonly seed: number;
  /** Seconds of the past that are sent first; 0 = none. */
  readonly historyS: number;
}

export type ParsedFlags = { readonly flags: DemoFlags } | { readonly help: string } | { readonly problem: string };

const usage = `npm run demo -- [flags]      sends realistic telemetry of a chat platform through OTLP, an incident included
  --endpoint URL          OTLP/HTTP base address; else COMMAND_CENTER_OTLP_HTTP_PORT, else 4318, else 14318 on 127.0.0.1
  --duration TIME         ends by itself: 90, 90s, 5m, 1h (default: until Ctrl-C)
  --incident-after TIME   when latency and errors first rise (default 2m); again every 5m
  --speed N               seconds of the story in one second, 0.1-60 (default 1)
  --seed N                another crowd (default 1)
  --history TIME          sends this much of the past first, up to 30d (the default); 0 = nothing; sent twice it counts once`;

const SECONDS_PER = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const MAX_SPEED = 60;
const MAX_HISTORY_S = retentionDays * SECONDS_PER.d;
const MIN_SPEED = 0.1;

/** Reads the command line; a problem is a sentence that names the flag, the value and what is allowed. */
export function parseFlags(args: readonly string[]): ParsedFlags {
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        endpoint: { type: 'string' },
        duration: { type: 'string' },
        'incident-after': { type: 'string', default: '2m' },
        speed: { type: 'string', default: '1' },
        seed: { type: 'string', default: '1' },
        history: { type: 'string', default: '30d' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    return { problem: `${error instanceof Error ? error.message : String(error)}\n${usage}` };
  }
  if (values.help === true) return { help: usage };
  try {
    return {
      flags: {
        endpoint: typeof values.endpoint === 'string' ? endpointOf(values.endpoint) : undefined,
        durationS: typeof values.duration === 'string' ? secondsOf('--duration', values.duration) : undefined,
        incidentAfterS: secondsOf('--incident-after', String(values['incident-after'])),
        speed: numberOf('--speed', String(values.speed), MIN_SPEED, MAX_SPEED),
        seed: Math.trunc(numberOf('--seed', String(values.seed), 0, 2 ** 32 - 1)),
        historyS: historyOf(String(values.history)),
      },
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function endpointOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new Error(`--endpoint ${JSON.stringify(text)}: must be an address like http://127.0.0.1:4318`);
  return url.href.replace(/\/+$/, '');
}

function secondsOf(flag: string, text: string): number {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)([smhd])?$/.exec(text) ?? [];
  if (digits === undefined || (unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd'))
    throw new Error(`${flag} ${JSON.stringify(text)}: must be a time like 90, 90s, 5m, 1h or 2d`);
  return Number(digits) * SECONDS_PER[unit];
}

function historyOf(text: string): number {
  const seconds = secondsOf('--history', text);
  if (seconds > MAX_HISTORY_S)
    throw new Error(`--history ${JSON.stringify(text)}: must be at most 30d, which is what is kept`);
  return seconds;
}

function numberOf(flag: string, text: string, low: number, high: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= low && value <= high))
    throw new Error(`${flag} ${JSON.stringify(text)}: must be a number from ${low} to ${high}`);
  return value;
}
