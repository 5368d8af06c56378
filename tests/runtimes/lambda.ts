import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const sandbox = fileURLToPath(new URL('lambdaProcess.ts', import.meta.url));
const ready = z.object({ event: z.literal('listen'), port: z.number(), initMs: z.number() });

export interface LambdaSandbox {
  readonly url: string;
  /** Milliseconds that loading the bundle took. */
  readonly initMs: number;
  readonly log: readonly string[];
  readonly pid: number;
  stop(): Promise<void>;
}

/** A sandbox with the built bundle and nothing in its environment but the settings. Rejects with its log where the bundle does not load. */
export async function startLambda(bundle: string, settings: Readonly<Record<string, string>>): Promise<LambdaSandbox> {
  const child = spawn(process.execPath, [sandbox, bundle], { env: settings, stdio: ['ignore', 'pipe', 'pipe'] });
  const log: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const closed = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    const { port, initMs } = ready.parse(JSON.parse(line));
    return {
      ...{ url: `http://127.0.0.1:${port}`, initMs, log, pid: child.pid ?? 0 },
      async stop() {
        if (child.kill('SIGKILL')) await closed;
      },
    };
  }
  await closed;
  throw new Error(log.join('\n'));
}
