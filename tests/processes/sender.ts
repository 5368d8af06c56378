import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sql } from 'postgres';

/** Longer than anything may take to be answered. */
const REQUEST_TIMEOUT_MS = 60_000;
const PAUSE_MS = 20;

export interface Answer {
  /** 0 = none. */
  readonly status: number;
  readonly retryAfter: string | null;
  readonly durationMs: number;
}

/** Two senders, one of logs and one of a delta counter, that try each request again until it is acknowledged, and keep books. */
export interface Sender {
  readonly answers: readonly Answer[];
  /** Resolves with the next answer that satisfies. */
  until(isRight: (answer: Answer) => boolean): Promise<Answer>;
  /** Finishes what is under way; resolves when all that was sent is acknowledged. */
  finish(): Promise<void>;
  /** All that was sent, acknowledged by now. */
  books(): { readonly logs: readonly string[]; readonly requests: number };
}

export function startSender(url: string): Sender {
  const answers: Answer[] = [];
  const logs: string[] = [];
  const waiting = new Set<{ isRight: (answer: Answer) => boolean; resolve: (answer: Answer) => void }>();
  let requests = 0;
  let isFinishing = false;
  const deliver = async (path: string, body: unknown): Promise<void> => {
    for (;;) {
      const answer = await post(`${url}${path}`, body);
      answers.push(answer);
      for (const each of waiting) {
        if (!each.isRight(answer)) continue;
        waiting.delete(each);
        each.resolve(answer);
      }
      if (answer.status === 200) return;
      await delay(PAUSE_MS);
    }
  };
  const sendLogs = async (): Promise<void> => {
    while (!isFinishing) {
      const ids = Array.from({ length: 3 }, () => randomBytes(16).toString('hex'));
      await deliver('/v1/logs', logRequest(ids));
      logs.push(...ids);
      await delay(PAUSE_MS);
    }
  };
  const sendCounts = async (): Promise<void> => {
    let startNs = BigInt(Date.now()) * 1_000_000n;
    while (!isFinishing) {
      const timeNs = startNs + 1_000_000n;
      await deliver('/v1/metrics', countRequest(startNs, timeNs));
      startNs = timeNs;
      requests += 1;
      await delay(PAUSE_MS);
    }
  };
  const sending = Promise.all([sendLogs(), sendCounts()]);
  return {
    answers,
    until: (isRight) => new Promise((resolve) => waiting.add({ isRight, resolve })),
    finish: async () => {
      isFinishing = true;
      await sending;
    },
    books: () => ({ logs: logs.toSorted(), requests }),
  };
}

/** What Postgres holds of it; a record that is there twice stands here twice. */
export async function storedBooks(sql: Sql): Promise<{ readonly logs: readonly string[]; readonly requests: number }> {
  const logs = await sql<{ trace_id: string }[]>`SELECT trace_id FROM telemetry_log_events`;
  const [row] = await sql<{ total: number }[]>`
    SELECT coalesce(sum(value_sum), 0)::integer AS total
    FROM (SELECT * FROM telemetry_open_windows UNION ALL SELECT * FROM telemetry_metric_samples) AS w
    JOIN telemetry_metric_series AS s ON s.id = w.series_id WHERE s.metric_name = 'kaiku_http_requests_total'`;
  return { logs: logs.map(({ trace_id }) => trace_id).toSorted(), requests: row?.total ?? 0 };
}

async function post(url: string, body: unknown): Promise<Answer> {
  const startedMs = performance.now();
  const taken = (): number => performance.now() - startedMs;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    await answer.arrayBuffer();
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), durationMs: taken() };
  } catch {
    return { status: 0, retryAfter: null, durationMs: taken() };
  }
}

const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'orders' } }] };

function logRequest(ids: readonly string[]): unknown {
  const timeUnixNano = `${Date.now()}000000`;
  const logRecords = ids.map((traceId) => ({
    timeUnixNano,
    severityNumber: 17,
    body: { stringValue: 'payment failed' },
    traceId,
    spanId: '00f067aa0ba902b7',
  }));
  return { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'orders' }, logRecords }] }] };
}

function countRequest(startNs: bigint, timeNs: bigint): unknown {
  const dataPoints = [{ startTimeUnixNano: `${startNs}`, timeUnixNano: `${timeNs}`, asInt: '1', attributes: [] }];
  const sum = { aggregationTemporality: 1, isMonotonic: true, dataPoints };
  const metrics = [{ name: 'kaiku_http_requests_total', unit: '{request}', sum }];
  return { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: 'orders' }, metrics }] }] };
}
