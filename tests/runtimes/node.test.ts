import { tmpdir } from 'node:os';
import { startApi } from '@command-center/api/entry/node';
import { readSettings } from '@command-center/contract/settings/settings';
import { describe, vi } from 'vitest';
import { behavesLikeTheApi, type StartRuntime } from './behaviours.ts';
import { bucketCredentials, putsExports } from './exports.ts';

describe('on Node', () => {
  const start: StartRuntime = (databaseUrl, settings) =>
    startApi({
      ...{ settings: readSettings(settings), databaseUrl, host: '127.0.0.1', port: 0, webRoot: tmpdir() },
      log: () => undefined,
    });
  behavesLikeTheApi(start);

  for (const [name, value] of Object.entries(bucketCredentials)) vi.stubEnv(name, value);
  putsExports(start, {});
});
