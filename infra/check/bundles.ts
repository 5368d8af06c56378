import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ApiBundle, apiBundles } from '../bundle/api.ts';
import { bundleBytes } from '../bundle/limits.ts';
import type { Finding } from './finding.ts';
import { root } from './tree.ts';

interface Size {
  readonly name: ApiBundle;
  readonly path: string;
  /** Bytes; undefined where it is not built. */
  readonly bytes: { readonly raw: number; readonly gzip: number } | undefined;
}

function sizes(): Size[] {
  return apiBundles.map((name) => {
    const path = `api/dist/${name}.mjs`;
    const file = join(root, path);
    if (!existsSync(file)) return { name, path, bytes: undefined };
    const content = readFileSync(file);
    return { name, path, bytes: { raw: content.length, gzip: gzipSync(content).length } };
  });
}

/** The bundles that are there, in words. */
export function bundleSizes(): string {
  return sizes()
    .map(
      ({ name, bytes }) => `${name} ${bytes === undefined ? 'not built' : `${bytes.raw} B, ${bytes.gzip} B gzipped`}`,
    )
    .join('; ');
}

/** Bundles of the API that are missing or larger than they may be. */
export function largeBundles(): Finding[] {
  return sizes().flatMap(({ name, path, bytes }) => {
    if (bytes === undefined) return [{ where: path, what: 'is not built' }];
    return (['raw', 'gzip'] as const)
      .filter((form) => bytes[form] > bundleBytes[name][form])
      .map((form) => ({ where: path, what: `${bytes[form]} bytes (${form}), allowed are ${bundleBytes[name][form]}` }));
  });
}
