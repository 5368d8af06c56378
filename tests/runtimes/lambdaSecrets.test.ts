import { type FreshDatabase, freshDatabase } from '@command-center/drizzle/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminToken, base } from '../api/stage.ts';
import { runtimeSettings } from './behaviours.ts';
import { bundlePath } from './bundles.ts';
import { startLambda } from './lambda.ts';
import { startSecretsExtension } from './secretsExtension.ts';

const bundle = bundlePath('lambda');
const arn = (name: string): string => `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}`;
const SESSION_TOKEN = 'the-session-token-of-the-role';
const originSecret = 'what-only-the-distribution-knows-of-the-api';

describe('a sandbox whose configuration holds no secret', () => {
  let database: FreshDatabase;
  let extension: Awaited<ReturnType<typeof startSecretsExtension>>;
  beforeAll(async () => {
    database = await freshDatabase();
    const { username, password } = new URL(database.url);
    const whole = { username, password: decodeURIComponent(password), port: 5432 };
    extension = await startSecretsExtension(
      {
        [arn('database-AbCdEf')]: JSON.stringify(whole),
        [arn('tokens-GhIjKl')]: JSON.stringify({ admin: adminToken }),
        [arn('session-MnOpQr')]: runtimeSettings.COMMAND_CENTER_SESSION_SECRET ?? '',
      },
      SESSION_TOKEN,
    );
  });
  afterAll(async () => {
    await extension.stop();
    await database.drop();
  });
  const settings = (): Record<string, string> => {
    const url = new URL(database.url);
    url.password = '';
    return {
      ...runtimeSettings,
      AWS_SESSION_TOKEN: SESSION_TOKEN,
      PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(extension.port),
      COMMAND_CENTER_DATABASE_URL: url.href,
      COMMAND_CENTER_DATABASE_PASSWORD: `aws-secret:${arn('database-AbCdEf')}#password`,
      COMMAND_CENTER_ADMIN_TOKEN: `aws-secret:${arn('tokens-GhIjKl')}#admin`,
      COMMAND_CENTER_SESSION_SECRET: `aws-secret:${arn('session-MnOpQr')}`,
    };
  };

  test('reads them from Secrets Manager at its start, each once', async () => {
    const sandbox = await startLambda(bundle, settings());
    try {
      const headers = { Authorization: `Bearer ${adminToken}` };
      expect((await fetch(`${sandbox.url}${base}/intake`, { headers })).status).toBe(200);
      expect([...extension.asked].sort()).toEqual(
        [arn('database-AbCdEf'), arn('session-MnOpQr'), arn('tokens-GhIjKl')].sort(),
      );
    } finally {
      await sandbox.stop();
    }
  });

  test.each([
    ['a secret that is not there', `aws-secret:${arn('gone')}`, 'the secrets extension answered 400'],
    ['a member that it does not have', `aws-secret:${arn('tokens-GhIjKl')}#root`, 'it has no member \\\\"root\\\\"'],
    ['a member of what is no JSON', `aws-secret:${arn('session-MnOpQr')}#a`, 'it has no member \\\\"a\\\\"'],
  ])('does not start with %s, and says which variable and why, and no secret', async (_, value, why) => {
    const start = startLambda(bundle, { ...settings(), COMMAND_CENTER_ADMIN_TOKEN: value });
    await expect(start).rejects.toThrow(
      new RegExp(`"event":"settings_refused","message":"COMMAND_CENTER_ADMIN_TOKEN: its secret arn:.*${why}`),
    );
    await expect(start).rejects.not.toThrow(
      new RegExp(`${adminToken}|${runtimeSettings.COMMAND_CENTER_SESSION_SECRET}`),
    );
  });

  test('behind a CDN answers what came through it, and refuses the rest before it looks at the identity', async () => {
    const sandbox = await startLambda(bundle, { ...settings(), COMMAND_CENTER_ORIGIN_SECRET: originSecret });
    const ask = async (path: string, secret?: string): Promise<number> => {
      const shown = secret === undefined ? {} : { 'x-command-center-origin': secret };
      return (await fetch(`${sandbox.url}${path}`, { headers: { Authorization: `Bearer ${adminToken}`, ...shown } }))
        .status;
    };
    try {
      for (const path of [`${base}/intake`, '/healthz', '/login', '/openapi.json']) {
        expect([path, await ask(path, originSecret)]).toEqual([path, 200]);
        expect([path, await ask(path)]).toEqual([path, 403]);
        expect([path, await ask(path, `${originSecret}x`)]).toEqual([path, 403]);
      }
    } finally {
      await sandbox.stop();
    }
  });
});
