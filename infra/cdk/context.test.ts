import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readContext, sampleContext } from './context.ts';

const folder = mkdtempSync(join(tmpdir(), 'command-center-cdk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what an infra engineer says wrong is one line each at synthesis', () => {
  const refused = (change: Record<string, string | undefined>): string[] => {
    const context: Record<string, string | undefined> = { shape: 'prod', ...sampleContext, ...change };
    try {
      readContext((key) => context[key]);
      return [];
    } catch (error) {
      return String(error instanceof Error ? error.message : error).split('\n');
    }
  };
  it.each([
    ['shape', undefined, 'must be set'],
    ['shape', 'huge', 'dev or prod'],
    ['consoleDomain', 'console.example.com', 'not a placeholder'],
    ['consoleDomain', 'https://ops.acme.dev', 'a domain name'],
    ['consoleCertificateArn', sampleContext.regionalCertificateArn, 'in us-east-1'],
    ['regionalCertificateArn', 'arn:aws:iam::111122223333:server-certificate/x', 'ACM certificate'],
    ['oidcIssuer', 'http://id.acme.dev', 'https://'],
    ['oidcIssuer', undefined, 'must be set'],
    ['oidcIssuer', '', 'must be set'],
    ['oidcAudience', '', 'must be set'],
    ['oidcAudience', 'changeme', 'not a placeholder'],
    ['oidcAdminValue', 'x', 'at least 3'],
    ['oidcAdminValue', 'everyone', 'everybody'],
    ['senders', '0.0.0.0/0', 'not the internet'],
    ['postgresVersion', '14.12', 'Postgres 15 to 18'],
    ['collectorVersion', '0.158.0', '0.159.0 or later'],
    ['collectorVersion', 'latest', 'a version such as'],
  ])('%s = %s', (key, value, words) => {
    const lines = refused({ [key]: value });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^context ${key}`));
    expect(lines[0]).toContain(words);
  });

  it('and all of them at once; nothing where all is well', () => {
    expect(refused({ oidcIssuer: undefined, oidcAudience: undefined, oidcAdminValue: undefined })).toHaveLength(3);
    expect(refused({})).toEqual([]);
  });

  it('ends the program with code 1 and no stack', () => {
    const run = (): string =>
      execFileSync(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
        encoding: 'utf8',
        stdio: 'pipe',
        env: {
          PATH: process.env.PATH,
          CDK_CONTEXT_JSON: JSON.stringify({ shape: 'dev' }),
          CDK_OUTDIR: join(folder, 'refused'),
        },
      });
    try {
      run();
      expect.unreachable();
    } catch (error) {
      const { status, stderr } = z.object({ status: z.number(), stderr: z.string() }).parse(error);
      expect(status).toBe(1);
      const lines = stderr.trim().split('\n');
      expect(lines.every((line) => line.startsWith('context '))).toBe(true);
      expect(lines).toHaveLength(7);
    }
  });
});
