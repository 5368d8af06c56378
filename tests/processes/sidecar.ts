import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Child, type Ended, startChild, untilReady } from './child.ts';

const ENTRY = fileURLToPath(import.meta.resolve('@command-center/sidecar/run'));

const readyLine = z.object({
  event: z.literal('ready'),
  otlp: z.object({ grpc: z.string(), http: z.url() }),
  sidecar: z.url(),
});

export interface SidecarProcess {
  readonly pid: number;
  /** `127.0.0.1:4317` */
  readonly grpc: string;
  /** `http://127.0.0.1:4318` */
  readonly http: string;
  /** `http://127.0.0.1:4320`: /healthz, /readyz, /metrics. */
  readonly own: string;
  /** What it has printed on standard error until now. */
  stderr(): string;
  /** Resolves with the first line of standard error that matches. */
  untilPrinted(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  readonly isAlive: () => boolean;
  /** SIGTERM, as a service manager does; resolves when it ended. */
  stop(): Promise<Ended>;
  /** SIGKILL: no goodbye. */
  kill9(): Promise<Ended>;
}

/** The standalone sidecar from its sources, or another `entry`, on free ports or on those that `environment` names. */
export async function startSidecar(
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
  entry = ENTRY,
): Promise<SidecarProcess> {
  const { child, handle } = launch({ COMMAND_CENTER_DATABASE_URL: databaseUrl, ...environment }, entry);
  const { otlp, sidecar } = await untilReady(handle, child, readyLine);
  const end = (signal: NodeJS.Signals): Promise<Ended> => {
    child.signal(signal);
    return child.ended();
  };
  return {
    pid: child.pid,
    grpc: otlp.grpc,
    http: otlp.http,
    own: sidecar,
    stderr: () => child.stderr(),
    untilPrinted: (pattern) => child.untilPrinted(pattern),
    signal: (name) => child.signal(name),
    isAlive: () => handle.exitCode === null && handle.signalCode === null,
    stop: () => end('SIGTERM'),
    kill9: () => end('SIGKILL'),
  };
}

/** A start that is expected to fail: what it said, and its exit code. */
export function failedStart(environment: Readonly<Record<string, string>>): Promise<Ended> {
  return launch(environment, ENTRY).child.ended();
}

function launch(
  environment: Readonly<Record<string, string>>,
  entry: string,
): { child: Child; handle: ReturnType<typeof startChild>['handle'] } {
  return startChild(entry, {
    COMMAND_CENTER_OTLP_GRPC_PORT: '0',
    COMMAND_CENTER_OTLP_HTTP_PORT: '0',
    COMMAND_CENTER_SIDECAR_PORT: '0',
    ...environment,
  });
}

/** The settings that start another sidecar on the ports of this one. */
export function samePorts({ grpc, http }: Pick<SidecarProcess, 'grpc' | 'http'>): Record<string, string> {
  return {
    COMMAND_CENTER_OTLP_GRPC_PORT: new URL(`http://${grpc}`).port,
    COMMAND_CENTER_OTLP_HTTP_PORT: new URL(http).port,
  };
}
