import { fileURLToPath } from 'node:url';
import { build, type InputOptions, type Plugin } from 'rolldown';

/** One file a runtime, with everything that it needs. */
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

const noLocales = '\0zod-without-locales';

/** zod's messages in fifty languages: a quarter of a bundle, read at every cold start, and nothing of ours asks for one. English is imported apart. */
const withoutLocales: Plugin = {
  name: 'without-locales',
  resolveId: (id, importer) =>
    /\/locales\/index\.(c?js)$/.test(id) && /[\\/]zod[\\/]/.test(importer ?? '') ? noLocales : undefined,
  load: (id) => (id === noLocales ? 'export {};' : undefined),
};

/**
 * Writes the API for AWS Lambda and for Cloudflare Workers into a folder, `lambda.mjs` and `worker.mjs`, minified: both are parsed while the first
 * request waits, and names that stay are set there one by one (10 ms of a cold start). A map beside each leads from a stack to the source.
 */
export async function bundleApi(folder: string): Promise<void> {
  for (const name of apiBundles) {
    const { entry, conditions, external } = targets[name];
    await build({
      input: { [name]: entry },
      platform: name === 'lambda' ? 'node' : 'browser',
      resolve: { conditionNames: [...conditions] },
      ...(external === undefined ? {} : { external }),
      plugins: [withoutLocales],
      output: {
        dir: folder,
        format: 'esm',
        entryFileNames: '[name].mjs',
        codeSplitting: false,
        sourcemap: true,
        minify: true,
      },
      logLevel: 'warn',
    });
  }
}
