import { tmpdir } from 'node:os';
import { startApi } from '@command-center/api/entry/node';
import { readSettings } from '@command-center/contract/settings/settings';
import { describe } from 'vitest';
import { behavesLikeTheApi } from './behaviours.ts';

describe('on Node', () => {
  behavesLikeTheApi((databaseUrl, settings) =>
    startApi({
      ...{ settings: readSettings(settings), databaseUrl, host: '127.0.0.1', port: 0, webRoot: tmpdir() },
      log: () => undefined,
    }),
  );
});
