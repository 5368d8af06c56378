import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { z } from 'zod';

const root = new URL('../../', import.meta.url);

/** The path of a bundle that `npm run build` has written. */
export function bundlePath(name: 'lambda' | 'worker'): string {
  const path = fileURLToPath(new URL(`api/dist/${name}.mjs`, root));
  if (!existsSync(path)) throw new Error(`api/dist/${name}.mjs is missing: npm run build`);
  return path;
}

const wrangler = z.strictObject({
  $schema: z.url(),
  name: z.string().regex(/^[a-z0-9-]{1,63}$/),
  main: z.string(),
  no_bundle: z.literal(true),
  upload_source_maps: z.boolean(),
  compatibility_date: z.iso.date(),
  compatibility_flags: z.array(z.string()),
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
