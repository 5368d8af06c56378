import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { candidates, findDoor } from './door.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(status: number, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer((_, answer) => answer.writeHead(status, headers).end('{}'));
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

describe('where the demo sends to', () => {
  it('is what was said, else the port that was set, else the usual ports', () => {
    expect(candidates('http://collector:4318', 5)).toEqual(['http://collector:4318']);
    expect(candidates(undefined, 5)).toEqual(['http://127.0.0.1:5']);
    expect(candidates(undefined, undefined)).toEqual(['http://127.0.0.1:4318', 'http://127.0.0.1:14318']);
  });

  it('is the first that answers as an OTLP door', async () => {
    const [foreign, door] = [await listen(404), await listen(200)];
    expect(await findDoor(['http://127.0.0.1:1', foreign, door])).toBe(door);
  });

  it('a locked or busy door is a door', async () => {
    const [locked, busy] = [
      await listen(401, { 'www-authenticate': 'Bearer' }),
      await listen(503, { 'retry-after': '1' }),
    ];
    expect(await findDoor([locked])).toBe(locked);
    expect(await findDoor([busy])).toBe(busy);
  });

  it('nothing listens, nothing is found', async () => {
    expect(await findDoor(['http://127.0.0.1:1'])).toBeUndefined();
  });
});
