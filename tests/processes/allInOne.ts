import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Ended, startProgram, untilReady } from './child.ts';

const ENTRY = fileURLToPath(import.meta.resolve('@command-center/infra/local/main'));

const readyLine = z.object({
  event: z.literal('ready'),
  console: z.url(),
  otlp: z.object({ grpc: z.string(), http: z.url() }),
});

const freePorts = {
  COMMAND_CENTER_PORT: '0',
  COMMAND_CENTER_OTLP_GRPC_PORT: '0',
  COMMAND_CENTER_OTLP_HTTP_PORT: '0',
  COMMAND_CENTER_SIDECAR_PORT: '0',
};

export interface AllInOne {
  readonly pid: number;
  readonly console: string;
  readonly grpc: string;
  readonly http: string;
  readonly loginLink: string;
  /** From the start of the process to its ready line, an embedded Postgres made from nothing included. */
  readonly startMs: number;
  readonly dataDir: string;
  /** SIGTERM; resolves when it ended and its own data folder is gone. */
  stop(): Promise<Ended>;
  /** As a terminal's Ctrl-C does, to all processes of the group; resolves when it ended. */
  signalGroup(name: NodeJS.Signals): Promise<Ended>;
}

/** A start that is expected to fail: what it said, and its exit code. */
export async function failedAllInOne(
  environment: Readonly<Record<string, string>>,
  program: Program = { file: process.execPath, flags: [ENTRY] },
): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'command-center-all-in-one-'));
  try {
    const own = { COMMAND_CENTER_DATA_DIR: folder, ...freePorts, ...environment };
    return await startProgram(program.file, program.flags, own).child.ended();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is started: a program of PATH or of a folder, with the flags that come before nothing else. */
export interface Program {
  readonly file: string;
  readonly flags: readonly string[];
}

/** `npm start`, of these sources or as another program, with a data folder of its own (unless one is named) and free ports. */
export async function startAllInOne(
  environment: Readonly<Record<string, string>> = {},
  program: Program = { file: process.execPath, flags: [ENTRY] },
): Promise<AllInOne> {
  const folder = await mkdtemp(join(tmpdir(), 'command-center-all-in-one-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const startedAt = performance.now();
  const own = { COMMAND_CENTER_DATA_DIR: folder, ...freePorts, ...environment };
  const { child, handle } = startProgram(program.file, program.flags, own, true);
  const gone = async (): Promise<Ended> => {
    const ended = await child.ended();
    await remove();
    return ended;
  };
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
      dataDir: folder,
      stop: () => {
        child.signal('SIGTERM');
        return gone();
      },
      signalGroup: (name) => {
        process.kill(-child.pid, name);
        return gone();
      },
    };
  } catch (error) {
    child.signal('SIGTERM');
    await gone().catch(remove);
    throw error;
  }
}
