import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { z } from 'zod';

const root = new URL('../../', import.meta.url);

/** The path of the file that a bundle begins with, as `npm run build` has written it. */
export function bundlePath(name: 'lambda' | 'worker'): string {
  const path = fileURLToPath(new URL(`api/dist/${name}/${name}.mjs`, root));
  if (!existsSync(path)) throw new Error(`api/dist/${name}/${name}.mjs is missing: npm run build`);
  return path;
}

/** The paths of all modules of the Worker, the one that begins first: what wrangler uploads. */
export function workerModules(): string[] {
  const main = bundlePath('worker');
  const folder = dirname(main);
  const others = readdirSync(folder)
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => join(folder, file));
  return [main, ...others.filter((path) => path !== main)];
}

const wrangler = z.strictObject({
  $schema: z.url(),
  name: z.string().regex(/^[a-z0-9-]{1,63}$/),
  main: z.string(),
  no_bundle: z.literal(true),
  find_additional_modules: z.literal(true),
  rules: z.tuple([z.strictObject({ type: z.literal('ESModule'), globs: z.tuple([z.literal('**/*.mjs')]) })]),
  upload_source_maps: z.boolean(),
  compatibility_date: z.iso.date(),
  hyperdrive: z.tuple([z.strictObject({ binding: z.literal('HYPERDRIVE'), id: z.string().regex(/^[0-9a-f]{32}$/) })]),
  assets: z.strictObject({ directory: z.string(), binding: z.literal('ASSETS'), run_worker_first: z.literal(true) }),
  observability: z.strictObject({ enabled: z.boolean() }),
  vars: z.record(z.string(), z.string()),
});
export type WranglerConfiguration = z.infer<typeof wrangler>;

export const wranglerUrl = new URL('infra/workers/wrangler.jsonc', root);

/** infra/workers/wrangler.jsonc, every member of it known. */
export async function readWrangler(): Promise<WranglerConfiguration> {
  const { config, error } = ts.parseConfigFileTextToJson('wrangler.jsonc', await readFile(wranglerUrl, 'utf8'));
  if (error !== undefined) throw new Error(`infra/workers/wrangler.jsonc: ${error.messageText}`);
  return wrangler.parse(config);
}
