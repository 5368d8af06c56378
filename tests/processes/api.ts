import { setTimeout as delay } from 'node:timers/promises';
import { type Intake, intake } from '@command-center/contract/api/intake';
import { type Logs, logs, type Traces, traces } from '@command-center/contract/api/lists';
import { type Summary, summary } from '@command-center/contract/api/summary';
import { type Trends, trends } from '@command-center/contract/api/trends';
import type { z } from 'zod';

const BASE = '/api/admin/observability';
const POLL_MS = 20;
const DEADLINE_MS = 20_000;

type Query = string | Readonly<Record<string, string>> | URLSearchParams;

/** The query API as an operator's script sees it: every answer is checked against its schema. */
export interface Api {
  summary(): Promise<Summary>;
  trends(query: Query): Promise<Trends>;
  logs(query?: Query): Promise<Logs>;
  traces(query?: Query): Promise<Traces>;
  intake(query?: Query): Promise<Intake>;
}

/** `url`: base address without a slash at its end; `token`: COMMAND_CENTER_ADMIN_TOKEN. */
export function api(url: string, token: string): Api {
  const get = async <T>(path: string, query: Query, schema: z.ZodType<T>): Promise<T> => {
    const search = new URLSearchParams(query).toString();
    const answer = await fetch(`${url}${BASE}${path}${search === '' ? '' : `?${search}`}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    const body: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${path}?${search} answered ${answer.status}: ${JSON.stringify(body)}`);
    return schema.parse(body);
  };
  return {
    summary: () => get('/summary', '', summary),
    trends: (query) => get('/trends', query, trends),
    logs: (query = '') => get('/logs', query, logs),
    traces: (query = '') => get('/traces', query, traces),
    intake: (query = '') => get('/intake', query, intake),
  };
}

/** Asks until the answer satisfies; for what is true soon, but not at once (the leader's summary, the minute's intake). */
export async function eventually<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (performance.now() > deadline) {
      throw new Error(`not so after ${deadlineMs} ms; the last answer: ${JSON.stringify(answer).slice(0, 4_000)}`);
    }
    await delay(POLL_MS);
  }
}
