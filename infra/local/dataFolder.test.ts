import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataFolder, sessionSecretOf } from './dataFolder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-center-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is made, taken, and given back', async () => {
    const own = join(folder, 'new', 'deeper');
    const release = await lockDataFolder(own);
    expect(await readFile(join(own, 'command-center.pid'), 'utf8')).toBe(`${process.pid}\n`);
    await release();
    await expect(stat(join(own, 'command-center.pid'))).rejects.toThrow('ENOENT');
  });

  it.each(['2147483646', '', 'nonsense', '-1'])(
    'the lock of a process that is gone (%j) is taken over',
    async (text) => {
      await writeFile(join(folder, 'command-center.pid'), text);
      await expect(lockDataFolder(folder)).resolves.toBeTypeOf('function');
    },
  );

  it('a process number that was given to another program since is no lock', async () => {
    await writeFile(join(folder, 'command-center.pid'), String(process.ppid));
    await expect(lockDataFolder(folder)).resolves.toBeTypeOf('function');
  });

  it('a lock that another has taken meanwhile is left to it', async () => {
    const release = await lockDataFolder(folder);
    await writeFile(join(folder, 'command-center.pid'), '4711\n');
    await release();
    expect(await readFile(join(folder, 'command-center.pid'), 'utf8')).toBe('4711\n');
  });

  it('its session secret is made once, long enough, for its owner alone', async () => {
    const secret = await sessionSecretOf(folder);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(await sessionSecretOf(folder)).toBe(secret);
    if (process.platform !== 'win32') expect((await stat(join(folder, 'session.secret'))).mode & 0o077).toBe(0);
  });
});
