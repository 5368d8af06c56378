import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { nodeFlags } from '@command-center/sidecar/nodeFlags';

/** A receiver of OTLP/HTTP in a process of its own, whose CPU is measured. */
export interface Receiver {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** `entry`: run.mjs of a bundle, as it is deployed. `own`: the address of its live socket. */
export async function startSidecarProcess(
  databaseUrl: string,
  entry: string,
): Promise<Receiver & { readonly own: string }> {
  const child = spawn(process.execPath, [...nodeFlags, entry], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      COMMAND_CENTER_DATABASE_URL: databaseUrl,
      COMMAND_CENTER_OTLP_GRPC_PORT: '0',
      COMMAND_CENTER_OTLP_HTTP_PORT: '0',
      COMMAND_CENTER_SIDECAR_PORT: '0',
    },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('"ready"')) continue;
    const ready: { otlp: { http: string }; sidecar: string } = JSON.parse(line);
    const { otlp, sidecar: own } = ready;
    return { name: 'sidecar', url: otlp.http, own, pid: pidOf(child), stop: () => stop(child) };
  }
  throw new Error('the sidecar ended before it was ready');
}

/** `exportTo` undefined: what comes is thrown away, which is the least that a collector does; else it is sent on by `otlp_grpc`, each request before its answer. */
export async function startCollector(
  binary: string,
  folder: string,
  name: string,
  exportTo: string | undefined,
): Promise<Receiver & { readonly grpc: string }> {
  const [http, grpc] = [await freePort(), await freePort()];
  const exporter =
    exportTo === undefined
      ? 'nop: {}'
      : `otlp_grpc: { endpoint: "${exportTo}", tls: { insecure: true }, compression: gzip, sending_queue: { enabled: false } }`;
  const config = join(folder, `${name}.yaml`);
  await writeFile(
    config,
    `receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${http}" }, grpc: { endpoint: "127.0.0.1:${grpc}", max_recv_msg_size_mib: 64 } } } }
exporters: { ${exporter} }
service:
  telemetry: { metrics: { level: none }, logs: { level: error } }
  pipelines:
    metrics: { receivers: [otlp], exporters: [${exportTo === undefined ? 'nop' : 'otlp_grpc'}] }
    logs: { receivers: [otlp], exporters: [${exportTo === undefined ? 'nop' : 'otlp_grpc'}] }
    traces: { receivers: [otlp], exporters: [${exportTo === undefined ? 'nop' : 'otlp_grpc'}] }
`,
  );
  const child = spawn(binary, ['--config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${http}`;
  await answers(url, child);
  return { name, url, grpc: `127.0.0.1:${grpc}`, pid: pidOf(child), stop: () => stop(child) };
}

/** The collector that `npm run test:collector` builds; undefined where it is not there. */
export function collectorBinary(): string | undefined {
  const named = process.env.OTELCOL;
  return named !== undefined && existsSync(named) ? named : undefined;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the collector did not start');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the process did not start');
  return child.pid;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
