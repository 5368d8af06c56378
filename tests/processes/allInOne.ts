import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Ended, startChild, untilReady } from './child.ts';

const ENTRY = fileURLToPath(import.meta.resolve('@command-center/infra/local/main'));

const readyLine = z.object({
  event: z.literal('ready'),
  console: z.url(),
  otlp: z.object({ grpc: z.string(), http: z.url() }),
});

export interface AllInOne {
  readonly pid: number;
  readonly console: string;
  readonly grpc: string;
  readonly http: string;
  readonly loginLink: string;
  /** From the start of the process to its ready line, an embedded Postgres made from nothing included. */
  readonly startMs: number;
  /** SIGTERM; resolves when it ended and its data folder is gone. */
  stop(): Promise<Ended>;
}

/** `npm start` with a data folder of its own and free ports. */
export async function startAllInOne(environment: Readonly<Record<string, string>> = {}): Promise<AllInOne> {
  const folder = await mkdtemp(join(tmpdir(), 'command-center-all-in-one-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const startedAt = performance.now();
  const { child, handle } = startChild(ENTRY, {
    COMMAND_CENTER_DATA_DIR: folder,
    COMMAND_CENTER_PORT: '0',
    COMMAND_CENTER_OTLP_GRPC_PORT: '0',
    COMMAND_CENTER_OTLP_HTTP_PORT: '0',
    COMMAND_CENTER_SIDECAR_PORT: '0',
    ...environment,
  });
  try {
    const ready = await untilReady(handle, child, readyLine);
    const startMs = performance.now() - startedAt;
    const [loginLink] = await child.untilPrinted(/https?:\/\/\S+\/login#token=\S+/);
    return {
      pid: child.pid,
      console: ready.console,
      grpc: ready.otlp.grpc,
      http: ready.otlp.http,
      loginLink,
      startMs,
      stop: async () => {
        child.signal('SIGTERM');
        const ended = await child.ended();
        await remove();
        return ended;
      },
    };
  } catch (error) {
    child.signal('SIGTERM');
    await child.ended().catch(() => undefined);
    await remove();
    throw error;
  }
}
