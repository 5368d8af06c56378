import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { type Child, startProgram } from './child.ts';
import { freePorts } from './collector.ts';

/** The server of this machine, by either name. */
const program = ['redis-server', 'valkey-server']
  .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));

/** Why tests that need one are skipped; undefined = they are not. */
export const noRedis = program === undefined ? 'no redis-server or valkey-server in PATH' : undefined;

export interface RedisOptions {
  /** Of the default user; without one everybody may. */
  readonly password?: string;
  /** One more user, who may do everything. */
  readonly user?: { readonly name: string; readonly password: string };
}

/** A redis-server on loopback that keeps nothing on disk. */
export interface Redis {
  readonly port: number;
  pid(): number;
  /** SIGTERM; resolves when it ended and nobody listens. Stopped twice does nothing. */
  stop(): Promise<void>;
  /** Again, on the same port; resolves when it takes connections. */
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Stops it and removes its folder. */
  close(): Promise<void>;
}

/** Starts a server on a free port; resolves when it takes connections. @throws with its last words where it does not */
export async function startRedis({ password, user }: RedisOptions = {}): Promise<Redis> {
  if (program === undefined) throw new Error(noRedis);
  const folder = await mkdtemp(join(tmpdir(), 'command-center-redis-'));
  const [port = 0] = await freePorts(1);
  const flags = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  if (password !== undefined) flags.push('--requirepass', password);
  if (user !== undefined) flags.push('--user', user.name, 'on', `>${user.password}`, '~*', '+@all');
  let running: Child | undefined;
  const redis: Redis = {
    port,
    pid: () => running?.pid ?? 0,
    start: async () => {
      const { child, handle } = startProgram(program, flags, {});
      running = child;
      await untilReady(child, handle);
    },
    stop: async () => {
      const child = running;
      running = undefined;
      child?.signal('SIGTERM');
      // One that was frozen hears nothing else before.
      child?.signal('SIGCONT');
      await child?.ended();
    },
    signal: (name) => running?.signal(name),
    close: async () => {
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await redis.start();
    return redis;
  } catch (error) {
    await redis.close();
    throw error;
  }
}

async function untilReady(child: Child, handle: ChildProcess): Promise<void> {
  const { stdout } = handle;
  if (stdout === null) throw new Error('standard output is not read');
  const said: string[] = [];
  const lines = createInterface({ input: stdout });
  await Promise.race([
    once(handle, 'close'),
    new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        said.push(line);
        if (line.includes('Ready to accept connections')) resolve();
      });
    }),
  ]);
  if (handle.exitCode !== null) throw new Error(`redis-server ended: ${said.join('\n')}${child.stderr()}`);
}
