import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { z } from 'zod';

/**
 * The runtime of Cloudflare Workers with its own configuration (workerd.capnp), without the layers that wrangler puts around it.
 * Source: github.com/cloudflare/workerd, src/workerd/server/workerd.capnp.
 */
export interface WorkerdOptions {
  /** The paths of the Worker's modules, the one that begins first; they import each other by file name. */
  readonly modules: readonly string[];
  readonly compatibilityDate: string;
  readonly variables: Readonly<Record<string, string>>;
  /** A Postgres behind a Hyperdrive binding of this name. */
  readonly hyperdrive?: { readonly binding: string; readonly databaseUrl: string };
  /** A service binding of this name: what is asked of it goes to an HTTP server. */
  readonly assets?: { readonly binding: string; readonly address: string };
}

export interface Workerd {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to its log. */
  readonly log: readonly string[];
  stop(): Promise<void>;
}

const ready = z.object({ event: z.literal('listen'), port: z.number() });

/** The runtime's own program: its package chooses the one of this platform. */
function programOf(): string {
  const name: Readonly<Record<string, string>> = {
    'linux x64': 'linux-64',
    'linux arm64': 'linux-arm64',
    'darwin x64': 'darwin-64',
    'darwin arm64': 'darwin-arm64',
    'win32 x64': 'windows-64',
  };
  const platform = name[`${process.platform} ${process.arch}`];
  if (platform === undefined) throw new Error(`no workerd for ${process.platform} ${process.arch}`);
  const own = createRequire(createRequire(import.meta.url).resolve('workerd/package.json'));
  return own.resolve(`@cloudflare/workerd-${platform}/bin/workerd${process.platform === 'win32' ? '.exe' : ''}`);
}

export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const folder = await mkdtemp(join(tmpdir(), 'command-center-workerd-'));
  const config = join(folder, 'config.capnp');
  await writeFile(config, configOf(options));
  const args = ['serve', config, '--experimental', '--control-fd=3', '--import-path=/'];
  const child = spawn(programOf(), args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) collect(stream, log);
  const port = await portOf(child, log);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    log,
    async stop() {
      const closed = once(child, 'close');
      if (child.kill('SIGKILL')) await closed;
      await rm(folder, { recursive: true });
    },
  };
}

function collect(stream: Readable | null, log: string[]): void {
  if (stream !== null) createInterface({ input: stream }).on('line', (line) => log.push(line));
}

async function portOf(child: ChildProcess, log: readonly string[]): Promise<number> {
  const control = child.stdio[3] as Readable;
  const ended = once(child, 'exit').then(() => {
    throw new Error(`workerd ended:\n${log.join('\n')}`);
  });
  ended.catch(() => undefined);
  const said = (async () => {
    for await (const line of createInterface({ input: control })) {
      const event = ready.safeParse(JSON.parse(line));
      if (event.success) return event.data.port;
    }
    throw new Error(`workerd listens on nothing:\n${log.join('\n')}`);
  })();
  return Promise.race([said, ended]);
}

const quoted = (text: string): string => JSON.stringify(text);

function configOf(options: WorkerdOptions): string {
  const { hyperdrive, assets } = options;
  const bindings = Object.entries(options.variables).map(
    ([name, value]) => `(name = ${quoted(name)}, text = ${quoted(value)})`,
  );
  const services = [`(name = "api", worker = .api)`, `(name = "internet", network = (allow = ["public", "private"]))`];
  if (hyperdrive !== undefined) {
    const { hostname, port, pathname, username, password } = new URL(hyperdrive.databaseUrl);
    services.push(`(name = "postgres", external = (address = ${quoted(`${hostname}:${port}`)}, tcp = ()))`);
    bindings.push(
      `(name = ${quoted(hyperdrive.binding)}, hyperdrive = (designator = "postgres", database = ${quoted(pathname.slice(1))}, ` +
        `user = ${quoted(decodeURIComponent(username))}, password = ${quoted(decodeURIComponent(password))}, scheme = "postgresql"))`,
    );
  }
  if (assets !== undefined) {
    services.push(`(name = "assets", external = (address = ${quoted(assets.address)}, http = ()))`);
    bindings.push(`(name = ${quoted(assets.binding)}, service = "assets")`);
  }
  const modules = options.modules.map((path) => `(name = ${quoted(basename(path))}, esModule = embed ${quoted(path)})`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(', ')}],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "api")]
);
const api :Workerd.Worker = (
  modules = [${modules.join(', ')}],
  compatibilityDate = ${quoted(options.compatibilityDate)},
  bindings = [${bindings.join(', ')}]
);
`;
}
