import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type InputOptions, type Plugin } from 'rolldown';
import { withoutLocales } from './withoutLocales.ts';

/** A folder a runtime, with everything that it needs. */
export const apiBundles = ['lambda', 'worker'] as const;
export type ApiBundle = (typeof apiBundles)[number];

interface Target {
  readonly entry: string;
  /** Which of its several builds a package gives. */
  readonly conditions: readonly string[];
  /** Modules that the runtime brings. */
  readonly external: InputOptions['external'];
}

const targets: Readonly<Record<ApiBundle, Target>> = {
  lambda: {
    entry: fileURLToPath(import.meta.resolve('@command-center/api/entry/lambda')),
    conditions: ['node', 'import', 'default'],
    external: /^node:/,
  },
  worker: {
    entry: fileURLToPath(import.meta.resolve('@command-center/api/entry/worker')),
    conditions: ['workerd', 'worker', 'import', 'default'],
    external: /^(node|cloudflare):/,
  },
};

/** The AWS SDK takes Workers for a browser and reads XML with the DOM, which they have not; its other reader needs nothing. */
const withoutDom: Plugin = {
  name: 'without-dom',
  resolveId: (id, importer = '') =>
    id === './xml-parser' && /[\\/]xml-builder[\\/]/.test(importer)
      ? join(dirname(importer), 'xml-parser.js')
      : undefined,
};

/**
 * Writes the API for AWS Lambda and for Cloudflare Workers into folders of their own, begun by `lambda.mjs` and `worker.mjs`. What is imported
 * dynamically is a file of its own: no first request waits for what it does not need (docs/adr/0019-loaded-when-asked.md). Minified: all is parsed while
 * a request waits, and names that stay are set there one by one (10 ms of a cold start). A map beside each file leads from a stack to the source.
 */
export async function bundleApi(folder: string): Promise<void> {
  for (const name of apiBundles) {
    const { entry, conditions, external } = targets[name];
    await build({
      input: { [name]: entry },
      platform: name === 'lambda' ? 'node' : 'browser',
      resolve: { conditionNames: [...conditions] },
      ...(external === undefined ? {} : { external }),
      plugins: [withoutLocales, withoutDom],
      output: {
        dir: join(folder, name),
        format: 'esm',
        entryFileNames: '[name].mjs',
        chunkFileNames: '[name]-[hash].mjs',
        sourcemap: true,
        minify: true,
        cleanDir: true,
      },
      logLevel: 'warn',
    });
  }
}
