import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const PATHS = { metrics: '/v1/metrics', logs: '/v1/logs', traces: '/v1/traces' } as const;

export interface Sending {
  /** Milliseconds from a request's start to its whole answer, in the order in which they came. */
  readonly latenciesMs: readonly number[];
}

/** Sends gzip bodies over kept connections, `concurrency` at a time, each a success without partial success, or it throws. */
export async function sendAll(
  url: string,
  signal: keyof typeof PATHS,
  bodies: readonly Buffer[],
  concurrency: number,
): Promise<Sending> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: concurrency });
  const latenciesMs: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const start = performance.now();
      await post(agent, `${url}${PATHS[signal]}`, body);
      latenciesMs.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  agent.destroy();
  return { latenciesMs };
}

/** Sends each body when its time has come, `everyMs` apart, whether the ones before were answered or not. */
export async function sendEvery(
  url: string,
  signal: keyof typeof PATHS,
  bodies: readonly Buffer[],
  everyMs: number,
): Promise<Sending> {
  const agent = new http.Agent({ keepAlive: true });
  const latenciesMs: number[] = [];
  const begin = performance.now();
  const sent = bodies.map(async (body, index) => {
    await delay(Math.max(0, begin + index * everyMs - performance.now()));
    const start = performance.now();
    await post(agent, `${url}${PATHS[signal]}`, body);
    latenciesMs.push(performance.now() - start);
  });
  await Promise.all(sent);
  agent.destroy();
  return { latenciesMs };
}

/** One body, which the receiver must take whole. */
function post(agent: http.Agent, url: string, body: Buffer): Promise<void> {
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'gzip',
    'content-length': body.length,
  };
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const answer = Buffer.concat(parts);
        if (response.statusCode === 200 && isFullSuccess(answer)) resolve();
        else reject(new Error(`${url}: status ${response.statusCode}, ${answer.toString('latin1').slice(0, 300)}`));
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** An empty message (OTLP 1.11, "Full Success"), or, as the collector answers, one with an empty partial_success. */
function isFullSuccess(answer: Buffer): boolean {
  return answer.length === 0 || answer.equals(Buffer.from([0x0a, 0]));
}
