import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleFile } from '@command-center/contract/contractFile/example';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failedAllInOne } from '../processes/allInOne.ts';
import { failedStart, startSidecar } from '../processes/sidecar.ts';

const variable = 'COMMAND_CENTER_CONTRACT';
const newMetric = 'metrics:\n  - name: shop_orders\n    kind: counter\n    unit: "{order}"\n    signal: traffic\n';
/** Sparse, and far past what a start may read. */
const hugeBytes = 2 ** 33;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-center-contract-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(source: string): Promise<string> {
  const path = join(folder, 'contract.yaml');
  await writeFile(path, source);
  return path;
}

describe('a contract file that cannot be used stops the start with one line: variable, file, line, key, what is allowed', () => {
  it.each([
    ['an unknown key', `${newMetric}    units: s`, 'line 6, metrics[0].units: '],
    ['a wrong type', 'probe_routes: /ping', 'line 1, probe_routes: '],
    ['an unknown label', `${newMetric}    labels: [region]`, 'line 6, metrics[0].labels[0]: '],
    ['a forbidden label', `${newMetric}    labels: [user.id]`, 'line 6, metrics[0].labels[0]: '],
    ['a metric twice', `${newMetric}  - name: shop_orders`, 'line 6, metrics[1]'],
    ['a syntax error', 'metrics:\n  - name: "shop', 'line 2: '],
    ['nothing in it', '', 'line 1: '],
  ])('%s', async (_name, source, place) => {
    const path = await fileOf(source);
    const { code, stderr } = await failedStart({ [variable]: path });
    expect(code).toBe(1);
    const lines = stderr.trim().split('\n');
    for (const line of lines) expect(line).toMatch(new RegExp(`^${variable}="${path}": `));
    expect(lines.filter((line) => line.startsWith(`${variable}="${path}": ${place}`))).toHaveLength(1);
  });

  it.each([
    ['is missing', async () => join(folder, 'none.yaml'), 'ENOENT'],
    ['is a folder', async () => folder, 'a folder'],
    [
      'is huge',
      async () => {
        const path = await fileOf('# long');
        await truncate(path, hugeBytes);
        return path;
      },
      String(hugeBytes),
    ],
  ])('one that %s', async (_name, make, word) => {
    const path = await make();
    const { code, stderr } = await failedStart({ [variable]: path });
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(new RegExp(`^${variable}="${path}": .*${word}.*allowed`));
  });

  it('under the all-in-one too, before it starts a database', async () => {
    const path = await fileOf('valkey: { used: no }');
    const { code, stderr } = await failedAllInOne({ [variable]: path });
    expect(code).toBe(1);
    expect(stderr).toContain(`${variable}="${path}": line 1, valkey.used: `);
  });
});

it('a sidecar starts with the file of the documents', async () => {
  const database = await freshDatabase();
  const sidecar = await startSidecar(database.url, { [variable]: await fileOf(exampleFile) });
  expect((await sidecar.stop()).code).toBe(0);
  await database.drop();
});
