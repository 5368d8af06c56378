import { summary } from '@command-center/contract/api/summary';
import { expect, test } from 'vitest';
import { base } from '../api/stage.ts';
import type { UnreliableWay } from '../unreliable.ts';

/** Within which a database that is away must have been said to be. */
const refusalMs = 3_000;

/** `way` leads to the database; `ask` takes no answer that was made for someone else. */
export function refusesInTime(way: () => UnreliableWay, ask: (path: string) => Promise<Response>): void {
  const timed = async (path: string) => {
    const startedAt = performance.now();
    const answer = await ask(path);
    return { answer, body: await answer.text(), ms: performance.now() - startedAt };
  };
  const outages = [
    { name: 'refuses', begin: () => way().refuse() },
    { name: 'is silent', begin: async () => way().swallow() },
  ];
  test.each(outages)('$name: 503 with a retry hint within 3 s, and fine once it is back', async ({ begin }) => {
    expect((await ask(`${base}/logs`)).status).toBe(200);
    expect((await ask(`${base}/summary`)).status).toBe(200);
    await begin();
    for (let request = 0; request < 2; request += 1) {
      const { answer, body, ms } = await timed(`${base}/logs`);
      expect(body).toContain('urn:command-center:problem:database_unavailable');
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      expect(ms).toBeLessThan(refusalMs);
    }
    const { answer, body, ms } = await timed(`${base}/summary`);
    expect(answer.status).toBe(200);
    expect(summary.parse(JSON.parse(body)).stale).toBe(true);
    expect(ms).toBeLessThan(refusalMs);
    expect((await ask(`${base}/config`)).status).toBe(200);
    await way().restore();
    expect((await ask(`${base}/logs`)).status).toBe(200);
  });
}
