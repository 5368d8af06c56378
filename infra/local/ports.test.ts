import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import process from 'node:process';
import { readSettings, type Settings } from '@command-center/contract/settings/settings';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseOtlpPorts } from './ports.ts';

const blockers: Server[] = [];
let taken: { readonly grpc: number; readonly http: number };

async function block(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  blockers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

beforeAll(async () => {
  taken = { grpc: await block(), http: await block() };
});
afterAll(() => {
  for (const server of blockers) server.close();
});

/** As if these were the defaults. */
const defaults = (ports: { readonly grpc: number; readonly http: number }): Settings => ({
  ...readSettings({}),
  otlpGrpcPort: ports.grpc,
  otlpHttpPort: ports.http,
});

describe('the ports of the OTLP doors (interfaces.md §5)', () => {
  it('free ones are taken as they are, without a word', async () => {
    expect(await chooseOtlpPorts(defaults({ grpc: 0, http: 0 }))).toEqual({ grpc: 0, http: 0, notice: undefined });
  });

  it.each(['grpc', 'http'] as const)(
    'a default that is taken (%s) moves both doors, and one line says so',
    async (door) => {
      const ports = { grpc: 0, http: 0, [door]: taken[door] };
      const { grpc, http, notice } = await chooseOtlpPorts(defaults(ports), { grpc: 0, http: 0 });
      expect([grpc, http]).toEqual([0, 0]);
      expect(notice).toContain(`port ${taken[door]} is taken`);
      if (process.platform === 'linux') expect(notice).toContain(`process ${process.pid}`);
    },
  );

  it('a port that was set stays, though the other door moves', async () => {
    const free = await block();
    const last = blockers.pop();
    last?.close();
    if (last !== undefined) await once(last, 'close');
    const settings = { ...defaults({ grpc: taken.grpc, http: free }), given: new Set(['otlpHttpPort'] as const) };
    expect(await chooseOtlpPorts(settings, { grpc: 0, http: 1 })).toMatchObject({ grpc: 0, http: free });
  });

  it('one that was set and is taken is refused with its variable', async () => {
    const set = readSettings({ COMMAND_CENTER_OTLP_GRPC_PORT: '0', COMMAND_CENTER_OTLP_HTTP_PORT: String(taken.http) });
    await expect(chooseOtlpPorts(set)).rejects.toThrow(`COMMAND_CENTER_OTLP_HTTP_PORT: port ${taken.http} is taken`);
  });

  it('where the other ports are taken too, the refusal names the variable that helps', async () => {
    await expect(chooseOtlpPorts(defaults(taken), taken)).rejects.toThrow('COMMAND_CENTER_OTLP_GRPC_PORT');
  });
});
