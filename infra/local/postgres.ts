import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { postgresBinaries } from './binaries.ts';
import { type Runner, runnerFor } from './unprivileged.ts';

/** The embedded Postgres of the all-in-one: a real server out of an npm package, run from a folder of ours, reachable on loopback with a password. */

export interface EmbeddedPostgresOptions {
  /** Holds `postgres/` (the cluster) and `postgres.password`. Made when missing. */
  readonly dataDir: string;
  /** Server settings as `name=value`, for tests (`fsync=off`). */
  readonly settings?: readonly string[];
  /** Folder of `postgres` and `initdb`, for tests of another version; the package's unless given. */
  readonly binaries?: string;
}

export interface EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  /** Of the postmaster. */
  readonly pid: number;
  /** Rejects never; resolves with a sentence when the server ends by itself. */
  readonly ended: Promise<string>;
  /** Fast shutdown: sessions are ended, what was committed stays. */
  stop(): Promise<void>;
}

const USER = 'command_center';
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
/** Another process may take the free port between our look and the server's start. */
const MAX_PORT_TRIES = 5;
const MAX_LOG_LINES = 40;

/**
 * Starts the server, making the cluster first where there is none, and stopping one that a killed run left behind.
 * @throws Error with a sentence that names the folder and the remedy.
 */
export async function startPostgres({
  dataDir,
  settings = [],
  binaries,
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = join(resolve(dataDir), 'postgres');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const bin = binaries ?? (await postgresBinaries());
  const runner = runnerFor(bin, folder);
  const password = await passwordOf(resolve(dataDir));
  const cluster = join(folder, 'cluster');
  if (!existsSync(join(cluster, 'PG_VERSION'))) await initialise(runner, bin, folder, cluster, password);
  await stopLeftOver(cluster);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = await launch(runner, bin, cluster, port, settings);
    if (server.isReady) {
      const url = `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}`;
      await createDatabase(url);
      return running(server.child, server.pid, `${url}/${USER}`, port);
    }
    if (attempt >= MAX_PORT_TRIES || !server.lines.some((line) => line.includes('could not bind'))) {
      throw new Error(`the embedded Postgres in ${cluster} did not start:\n${server.lines.join('\n')}`);
    }
  }
}

async function passwordOf(dataDir: string): Promise<string> {
  const file = join(dataDir, 'postgres.password');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) return known.trim();
  const password = randomBytes(24).toString('hex');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return password;
}

async function initialise(
  runner: Runner,
  bin: string,
  folder: string,
  cluster: string,
  password: string,
): Promise<void> {
  // A run that was killed during initdb leaves half a cluster.
  await rm(cluster, { recursive: true, force: true });
  if (runner.owner !== undefined) await chown(folder, runner.owner, runner.owner);
  const passwordFile = join(folder, 'initdb.password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (runner.owner !== undefined) await chown(passwordFile, runner.owner, runner.owner);
  try {
    const child = runner.spawn(join(bin, 'initdb'), [
      ...['-D', cluster, '-U', USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions'],
    ]);
    const lines = collectLines(child);
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`initdb failed in ${cluster}:\n${lines.join('\n')}`);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await chmod(cluster, 0o700);
}

/** A kill -9 of the launcher leaves the server running: it is ended before the next one starts. */
async function stopLeftOver(cluster: string): Promise<void> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const [firstLine = '', path = ''] = text.split('\n');
  const pid = Number(firstLine);
  if (!Number.isInteger(pid) || pid <= 1 || path !== cluster || !isAlive(pid) || !(await isPostgres(pid))) return;
  process.kill(pid, 'SIGINT');
  await untilGone(pid, STOP_TIMEOUT_MS);
}

/** Whether the pid in the file is still a Postgres, and was not given to another process since. */
async function isPostgres(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes('postgres');
}

interface Launched {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly isReady: boolean;
  readonly lines: readonly string[];
}

async function launch(
  runner: Runner,
  bin: string,
  cluster: string,
  port: number,
  settings: readonly string[],
): Promise<Launched> {
  const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=100', ...settings];
  const child = runner.spawn(join(bin, 'postgres'), [
    '-D',
    cluster,
    '-p',
    String(port),
    ...all.flatMap((setting) => ['-c', setting]),
  ]);
  const lines = collectLines(child);
  const { pid } = child;
  if (pid === undefined) throw new Error(`the embedded Postgres could not be started from ${bin}`);
  const exited = once(child, 'close');
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS);
  for (;;) {
    const isReady = lines.some((line) => line.includes('ready to accept connections'));
    if (isReady || child.exitCode !== null || child.signalCode !== null || deadline.aborted)
      return { child, pid, isReady, lines };
    await Promise.race([exited, once(child.stderr ?? child, 'data', { signal: deadline }).catch(() => undefined)]);
  }
}

function running(child: ChildProcess, pid: number, url: string, port: number): EmbeddedPostgres {
  const exited = once(child, 'close').then(
    ([code, signal]) => `the embedded Postgres ended (${signal ?? `exit code ${code}`})`,
  );
  return {
    url,
    port,
    pid,
    ended: exited,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGINT');
      const hasEnded = await Promise.race([exited.then(() => true), delay(STOP_TIMEOUT_MS, false, { ref: false })]);
      if (!hasEnded) child.kill('SIGQUIT');
      await exited;
    },
  };
}

async function createDatabase(url: string): Promise<void> {
  const sql = postgres(`${url}/postgres`, { max: 1, onnotice: () => undefined });
  try {
    const known = await sql`SELECT 1 FROM pg_database WHERE datname = ${USER}`;
    if (known.length === 0) await sql`CREATE DATABASE ${sql(USER)}`;
  } finally {
    await sql.end();
  }
}

/** The last lines a server printed, for an error message. */
function collectLines(child: ChildProcess): string[] {
  const lines: string[] = [];
  const add = (chunk: Buffer): void => {
    lines.push(
      ...chunk
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== ''),
    );
    if (lines.length > MAX_LOG_LINES) lines.splice(0, lines.length - MAX_LOG_LINES);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return lines;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Polls, since only a parent is told of a process's end. */
async function untilGone(pid: number, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline)
      throw new Error(`a Postgres left by an earlier run (process ${pid}) does not end: end it and start again`);
    await delay(50);
  }
}
