import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { expect, test } from 'vitest';
import { z } from 'zod';

const result = z.object({
  bench: z.literal('cold-start'),
  runs: z.literal(1),
  workers_ms: z.object({
    script: z.number(),
    first: z.number(),
    cold: z.number(),
    cpu: z.number(),
    process: z.number(),
  }),
  lambda_ms: z.object({ import: z.number(), first: z.number(), cold: z.number() }),
  polls: z.object({ polls: z.literal(10), api_cpu_s_per_1000: z.number(), not_modified: z.int().positive() }),
});

test('bench:cold-start runs, at its smallest', async ({ skip }) => {
  if (process.platform !== 'linux') skip('it reads CPU times from /proc, which Linux alone has');
  const database = await freshDatabase();
  try {
    const flags = ['--runs', '1', '--polls', '10', '--database', database.url];
    const { stdout } = await promisify(execFile)(process.execPath, ['tests/bench/coldStart.ts', ...flags]);
    expect(result.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).lambda_ms.cold).toBeGreaterThan(0);
  } finally {
    await database.drop();
  }
});
