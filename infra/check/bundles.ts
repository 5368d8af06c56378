import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ApiBundle, apiBundles } from '../bundle/api.ts';
import { bundleBytes } from '../bundle/limits.ts';
import type { Finding } from './finding.ts';
import { withStaticImports } from './staticImports.ts';
import { root } from './tree.ts';

interface Size {
  readonly name: ApiBundle;
  readonly path: string;
  /** Bytes: what is loaded at the start, and all of it gzipped; undefined where it is not built. */
  readonly bytes: Readonly<Record<Part, number>> | undefined;
}

const parts = ['start', 'gzip'] as const;
type Part = (typeof parts)[number];
const words: Readonly<Record<Part, string>> = { start: 'loaded at the start', gzip: 'gzipped' };

function sizes(): Size[] {
  return apiBundles.map((name) => {
    const path = `api/dist/${name}`;
    const folder = join(root, path);
    if (!existsSync(join(folder, `${name}.mjs`))) return { name, path, bytes: undefined };
    const files = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
    const gzip = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);
    const start = [...withStaticImports(folder, [`${name}.mjs`])].reduce(
      (sum, file) => sum + readFileSync(join(folder, file)).length,
      0,
    );
    return { name, path, bytes: { start, gzip } };
  });
}

/** The bundles that are there, in words. */
export function bundleSizes(): string {
  return sizes()
    .map(({ name, bytes }) =>
      bytes === undefined
        ? `${name} not built`
        : `${name} ${parts.map((part) => `${bytes[part]} B ${words[part]}`).join(', ')}`,
    )
    .join('; ');
}

/** Bundles of the API that are missing or larger than they may be. */
export function largeBundles(): Finding[] {
  return sizes().flatMap(({ name, path, bytes }) => {
    if (bytes === undefined) return [{ where: path, what: 'is not built' }];
    return parts
      .filter((part) => bytes[part] > bundleBytes[name][part])
      .map((part) => ({
        where: path,
        what: `${bytes[part]} bytes ${words[part]}, allowed are ${bundleBytes[name][part]}`,
      }));
  });
}
