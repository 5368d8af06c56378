import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findGo } from './go.ts';

/** The programs of the OpenTelemetry project that these tests run, and where their binaries lie once built. */
const programs = {
  /** The collector with what otlp-reference.md §B lists. */
  otelcol: { folder: '.', source: '.' },
  /** The same with the load-balancing exporter, whose dependencies the first one is spared. */
  'otelcol-lb': { folder: 'loadbalancing', source: '.' },
  telemetrygen: {
    folder: 'telemetrygen',
    source: 'github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen',
  },
} as const;

export type ProgramName = keyof typeof programs;
export const programNames = Object.keys(programs) as readonly ProgramName[];

const sources = fileURLToPath(new URL('.', import.meta.url));
/** Outside of git's view; CI may name a folder that outlives the clone. */
const cache = process.env.COLLECTOR_CACHE ?? fileURLToPath(new URL('../../.cache/collector/', import.meta.url));
const extension = process.platform === 'win32' ? '.exe' : '';

export interface Built {
  /** Folder of its Go module. */
  readonly module: string;
  /** Package that `go build` is asked for. */
  readonly source: string;
  /** Where the binary lies, or will. */
  readonly binary: string;
  /** Where the reason of a failed build is kept. */
  readonly failure: string;
}

/** Places of a program; its binary's folder is named by what it is built from, so another version is another binary. */
export function placesOf(name: ProgramName): Built {
  const { folder, source } = programs[name];
  const module = join(sources, folder);
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of ['go.mod', 'go.sum', 'main.go'])
    if (existsSync(join(module, file))) hash.update(`\n${file}\n`).update(readFileSync(join(module, file)));
  const built = join(cache, hash.digest('hex').slice(0, 16));
  return { module, source, binary: join(built, `${name}${extension}`), failure: join(built, `${name}.failure`) };
}

/** Why tests that need these programs cannot run; undefined = they can. */
export function missing(...names: readonly ProgramName[]): string | undefined {
  const absent = names.filter((name) => !existsSync(placesOf(name).binary));
  const [first] = absent;
  if (first === undefined) return undefined;
  const words = `no ${absent.join(', no ')}`;
  const { failure } = placesOf(first);
  if (existsSync(failure)) return `${words}: ${readFileSync(failure, 'utf8').trim()}`;
  const go = findGo();
  if ('reason' in go) return `${words}: ${go.reason}`;
  return `${words}: not built yet; node tests/collector/build.ts does it, in minutes`;
}
