import process from 'node:process';
import { config } from '@command-center/contract/api/config';
import { liveTicket } from '@command-center/contract/api/live';
import { livePath } from '@command-center/contract/live';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AllInOne, startAllInOne } from '../processes/allInOne.ts';
import { eventually } from '../processes/api.ts';
import { childrenOf, commandLineOf } from '../processes/descendants.ts';
import { adminToken, sendErrors } from './stage.ts';
import { openSocket, type Watcher } from './watcher.ts';

const error = 'admin.observability.error_event';
const snapshot = 'admin.observability.snapshot';

let allInOne: AllInOne;
beforeAll(async () => {
  allInOne = await startAllInOne({ COMMAND_CENTER_ADMIN_TOKEN: adminToken });
});
afterAll(async () => {
  await allInOne?.stop();
});

const base = '/api/admin/observability';
const headers = { Authorization: `Bearer ${adminToken}` };

async function ticket(): Promise<string> {
  const answer = await fetch(`${allInOne.console}${base}/live/ticket`, { method: 'POST', headers });
  return liveTicket.parse(await answer.json()).ticket;
}

async function watch(): Promise<Watcher> {
  const watcher = await openSocket(allInOne.console, allInOne.console);
  watcher.say({ type: 'subscribe', ticket: await ticket(), topics: ['overview'] });
  await watcher.until(snapshot);
  return watcher;
}

describe('the all-in-one serves the live socket at the console own address', () => {
  it('and says so to whoever asks, as the address that was asked', async () => {
    const asked = async (own: Record<string, string>) =>
      config.parse(await (await fetch(`${allInOne.console}${base}/config`, { headers: { ...headers, ...own } })).json())
        .live_url;
    expect(await asked({})).toBe(`${allInOne.console.replace('http', 'ws')}${livePath}`);
    // Behind a proxy that ends TLS.
    expect(await asked({ 'X-Forwarded-Proto': 'https' })).toBe(`${allInOne.console.replace('http', 'wss')}${livePath}`);
  });

  it('an error that is sent to its OTLP door comes through', async () => {
    const watcher = await watch();
    await sendErrors(allInOne.http, ['through the console']);
    await watcher.until(error, ({ data }) => data.message === 'through the console');
    await watcher.leave();
  });

  it('a page of another origin is refused through it, too, and another path is not there', async () => {
    await expect(openSocket(allInOne.console, 'https://evil.example')).rejects.toThrow('status 403');
    await expect(openSocket(`${allInOne.console}/elsewhere`)).rejects.toThrow('status 404');
  });

  it('a sidecar that is killed takes its sockets with it, and the next one serves again', async () => {
    const watcher = await watch();
    const sidecar = childrenOf(allInOne.pid).find((pid) => commandLineOf(pid).some((word) => word.includes('sidecar')));
    if (sidecar === undefined) throw new Error('the all-in-one has no sidecar');
    process.kill(sidecar, 'SIGKILL');
    await watcher.ended;
    const again = await eventually(
      () => watch().catch(() => undefined),
      (next) => next !== undefined,
    );
    await again?.leave();
  });

  it('sockets that are open do not hold up its end', async () => {
    const watcher = await watch();
    const startedMs = performance.now();
    await allInOne.stop();
    await watcher.ended;
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
