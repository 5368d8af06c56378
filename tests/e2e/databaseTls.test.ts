import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type EmbeddedPostgres, startPostgres } from '@command-center/infra/local/postgres';
import { createTestCertificate } from '@command-center/sidecar/receive/testing/certificate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const migrate = fileURLToPath(new URL('../../drizzle/run.ts', import.meta.url));

/** What docs/aws.md relies on: RDS speaks TLS, and its authorities come by NODE_EXTRA_CA_CERTS. */
describe('a database over TLS: sslmode=verify-full believes the authorities of NODE_EXTRA_CA_CERTS and no others', () => {
  let folder: string;
  let postgres: EmbeddedPostgres;
  const certificates = {
    server: createTestCertificate('localhost'),
    stranger: createTestCertificate('localhost'),
    elsewhere: createTestCertificate('db.acme.dev'),
  };
  /** The server with that certificate, its own authority. */
  const serveAs = async (name: keyof typeof certificates): Promise<void> => {
    await postgres?.stop();
    const [cert, key] = ['crt', 'key'].map((end) => join(folder, `${name}.${end}`));
    postgres = await startPostgres({
      dataDir: join(folder, 'data'),
      settings: ['ssl=on', `ssl_cert_file=${cert}`, `ssl_key_file=${key}`],
    });
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'command-center-database-tls-'));
    await chmod(folder, 0o711);
    // Made first: the keys belong to whom the server runs as.
    postgres = await startPostgres({ dataDir: join(folder, 'data') });
    const { uid, gid } = await stat(join(folder, 'data/postgres/cluster'));
    for (const [name, { cert, key }] of Object.entries(certificates))
      for (const [end, text] of Object.entries({ crt: cert, key })) {
        await writeFile(join(folder, `${name}.${end}`), text, { mode: 0o600 });
        await chown(join(folder, `${name}.${end}`), uid, gid);
      }
    await serveAs('server');
  });
  afterAll(async () => {
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const migrated = async (authority: keyof typeof certificates): Promise<string> => {
    const environment = {
      PATH: process.env.PATH ?? '',
      COMMAND_CENTER_DATABASE_URL: `${postgres.url.replace('@127.0.0.1:', '@localhost:')}?sslmode=verify-full`,
      NODE_EXTRA_CA_CERTS: join(folder, `${authority}.crt`),
    };
    return run(process.execPath, [migrate], { env: environment }).then(
      ({ stdout }) => stdout,
      (error: { stderr?: string }) => error.stderr ?? String(error),
    );
  };

  it('refuses a server whose certificate another authority signed, and says so in a line', async () => {
    const words = await migrated('stranger');
    expect(words).toMatch(/self-signed certificate|unable to verify/i);
    expect(words.trim().split('\n')).toHaveLength(1);
  });

  it('migrates where it is the right one', async () => {
    expect(await migrated('server')).toMatch(/^applied 0001_telemetry/);
  });

  it('refuses a server whose certificate is for another name', async () => {
    await serveAs('elsewhere');
    expect(await migrated('elsewhere')).toMatch(/does not match certificate/);
  });
});
