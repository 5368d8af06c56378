import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { nodeFlags } from '@command-center/sidecar/nodeFlags';
import { z } from 'zod';
import { sidecarEntry } from './places.ts';

/** The sidecar in a process of its own, so that its work never delays the console; started again when it dies. */

export interface OtlpAddresses {
  /** `127.0.0.1:4317` */
  readonly grpc: string;
  /** `http://127.0.0.1:4318` */
  readonly http: string;
}

export interface SidecarProcess {
  readonly otlp: OtlpAddresses;
  /** `http://127.0.0.1:4320`: its /healthz, /readyz and /metrics. */
  readonly own: string;
  /** Graceful: what it accepted is committed. Killed when it takes longer than `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

export interface SidecarProcessOptions {
  /** Everything the sidecar's settings are read from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onNotice: (line: string) => void;
}

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 15_000;
/** A sidecar that ran this long has recovered: the next start waits no longer than the first. */
const HEALTHY_MS = 60_000;

const readyLine = z.object({
  event: z.literal('ready'),
  otlp: z.object({ grpc: z.string(), http: z.string() }),
  sidecar: z.url(),
});

/** @throws Error with the sidecar's last words, when it ends before it is ready for the first time. */
export async function startSidecarProcess({ environment, onNotice }: SidecarProcessOptions): Promise<SidecarProcess> {
  const first = await launch(environment);
  const stopping = new AbortController();
  let current = first.child;
  const supervise = async (): Promise<void> => {
    // The ports that the first one got, so that senders find the next one.
    const pinned = { ...environment, ...portsOf(first) };
    let backoffMs = FIRST_BACKOFF_MS;
    for (;;) {
      const startedAt = performance.now();
      const [code, signal] = await exitOf(current);
      if (stopping.signal.aborted) return;
      if (performance.now() - startedAt > HEALTHY_MS) backoffMs = FIRST_BACKOFF_MS;
      onNotice(`the sidecar ended (${signal ?? `exit code ${code}`}); starting it again`);
      await delay(backoffMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
      if (stopping.signal.aborted) return;
      current = spawnSidecar(pinned);
      current.stdout?.resume();
    }
  };
  const supervised = supervise();
  return {
    otlp: first.otlp,
    own: first.own,
    stop: async (graceMs) => {
      stopping.abort();
      if (current.exitCode === null && current.signalCode === null) {
        current.kill('SIGTERM');
        const timer = setTimeout(() => current.kill('SIGKILL'), graceMs);
        await exitOf(current);
        clearTimeout(timer);
      }
      await supervised;
    },
  };
}

function spawnSidecar(environment: Readonly<Record<string, string | undefined>>): ChildProcess {
  // The channel is not spoken over: its end tells the sidecar that its launcher is gone.
  return spawn(process.execPath, [...nodeFlags, sidecarEntry], {
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
}

async function launch(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ child: ChildProcess; otlp: OtlpAddresses; own: string }> {
  const child = spawnSidecar(environment);
  if (child.stdout === null) throw new Error('the sidecar has no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    const parsed = readyLine.safeParse(parseJson(line));
    if (!parsed.success) continue;
    child.stdout.resume();
    return { child, otlp: parsed.data.otlp, own: parsed.data.sidecar };
  }
  const [code, signal] = await exitOf(child);
  throw new Error(`the sidecar did not start (${signal ?? `exit code ${code}`})`);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function exitOf(child: ChildProcess): Promise<readonly [number | null, NodeJS.Signals | null]> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return [child.exitCode, child.signalCode];
}

function portsOf({ otlp: { grpc, http }, own }: Pick<SidecarProcess, 'otlp' | 'own'>): Record<string, string> {
  return {
    COMMAND_CENTER_OTLP_GRPC_PORT: grpc.slice(grpc.lastIndexOf(':') + 1),
    COMMAND_CENTER_OTLP_HTTP_PORT: new URL(http).port,
    COMMAND_CENTER_SIDECAR_PORT: new URL(own).port,
  };
}
