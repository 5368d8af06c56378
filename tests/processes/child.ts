import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { z } from 'zod';

/** Long enough for a first start on a machine with other work; a wait that ends here is a failure. */
const READY_DEADLINE_MS = 60_000;
const EXIT_DEADLINE_MS = 20_000;
/** Of the end of what it printed, for messages. */
const MAX_KEPT_CHARACTERS = 20_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** A process of the product under test. */
export interface Child {
  readonly pid: number;
  /** What it has printed on standard error until now. */
  stderr(): string;
  /** Resolves with the first line of standard error that matches, printed already or not yet. */
  untilPrinted(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  ended(): Promise<Ended>;
}

/** The environment of a child: nothing of the caller's but what running needs. */
function environmentOf(own: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...own };
}

/** Starts `node <entry>`, in a process group of its own where a test signals that. */
export function startChild(
  entry: string,
  environment: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
  hasOwnGroup = false,
): { child: Child; handle: ChildProcess } {
  return startProgram(process.execPath, [entry, ...flags], environment, hasOwnGroup);
}

/** Starts any program. Standard output is read by the caller (`untilReady`), standard error is kept. */
export function startProgram(
  program: string,
  flags: readonly string[],
  environment: Readonly<Record<string, string>>,
  hasOwnGroup = false,
): { child: Child; handle: ChildProcess } {
  const handle = spawn(program, flags, {
    env: environmentOf(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: hasOwnGroup,
  });
  let stderr = '';
  handle.stderr.setEncoding('utf8');
  handle.stderr.on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_KEPT_CHARACTERS);
  });
  const closed = once(handle, 'close');
  const { pid } = handle;
  if (pid === undefined) throw new Error(`${program} ${flags.join(' ')} could not be started`);
  const child: Child = {
    pid,
    stderr: () => stderr,
    untilPrinted: async (pattern) => {
      const deadline = AbortSignal.timeout(READY_DEADLINE_MS);
      for (;;) {
        const match = pattern.exec(stderr);
        if (match !== null) return match;
        if (deadline.aborted || handle.exitCode !== null || handle.signalCode !== null)
          throw new Error(`${pattern} was not printed:\n${stderr}`);
        await Promise.race([closed, once(handle.stderr, 'data', { signal: deadline }).catch(() => undefined)]);
      }
    },
    signal: (name) => void handle.kill(name),
    ended: async () => {
      await within(EXIT_DEADLINE_MS, closed, () => `process ${pid} did not end:\n${stderr}`);
      return { code: handle.exitCode, signal: handle.signalCode, stderr };
    },
  };
  return { child, handle };
}

/** The first line of standard output that is JSON of the schema. @throws with the last words of a child that ends before. */
export async function untilReady<T>(handle: ChildProcess, child: Child, schema: z.ZodType<T>): Promise<T> {
  const { stdout } = handle;
  if (stdout === null) throw new Error('standard output is not read');
  const read = async (): Promise<T> => {
    for await (const line of createInterface({ input: stdout })) {
      const parsed = schema.safeParse(parseJson(line));
      if (parsed.success) return parsed.data;
    }
    throw new Error(`process ${child.pid} ended before it was ready:\n${child.stderr()}`);
  };
  const ready = await within(READY_DEADLINE_MS, read(), () => `no ready line:\n${child.stderr()}`).catch(
    (error: unknown) => {
      handle.kill('SIGKILL');
      throw error;
    },
  );
  stdout.resume();
  return ready;
}

/** The promise's value, or an error with the words once the time is over. */
export async function within<T>(timeoutMs: number, promise: Promise<T>, words: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${timeoutMs} ms: ${words()}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
