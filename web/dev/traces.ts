import type { TraceItem, Traces } from '@command-center/contract/api/lists';
import { thresholds } from '@command-center/contract/thresholds';
import { hostile, recordOf } from './logs.ts';
import { isEmpty, type Scenario, seeded } from './scenario.ts';

type Kind = readonly [service: string, domain: string, name: string, route: string | null, code: string | null];

/** Spans of one request, its entry first. */
const requests: readonly (readonly Kind[])[] = [
  [
    ['gateway', 'other', 'GET /cart/{id}', '/cart/{id}', '200'],
    ['checkout', 'other', 'GET /cart/{id}', '/cart/{id}', '200'],
    ['checkout', 'db', 'SELECT carts', null, null],
  ],
  [
    ['gateway', 'auth', 'POST /auth/login', '/auth/login', '200'],
    ['orders', 'db', 'INSERT orders', null, null],
  ],
  [['worker', 'chat', 'chat.message process', null, 'OK']],
  [['voice', 'voice', 'POST /api/v1/voice/rooms/{id}/participants', '/api/v1/voice/rooms/{id}/participants', '404']],
];

export function tracesOf(scenario: Scenario, query: URLSearchParams, nowMs: number): Traces {
  if (isEmpty(scenario)) return { items: [], next_cursor: null };
  const limit = Number(query.get('limit') ?? 50);
  const start = Number(query.get('cursor') ?? 0);
  const asked = (['domain', 'route', 'trace_id'] as const).map((key) => [key, query.get(key)] as const);
  const status = query.get('status') ?? 'all';
  const all = Array.from({ length: 200 }, (_, index) => spansOf(index, scenario, nowMs)).flat();
  const found = all.filter(
    (span) =>
      asked.every(([key, value]) => value === null || span[key] === value) &&
      (status !== 'error' || span.is_error) &&
      (status !== 'slow' || isSlow(span)) &&
      span.duration_ms >= Number(query.get('duration_min') ?? 0),
  );
  found.sort((left, right) => (left.ts < right.ts ? 1 : -1));
  return {
    items: found.slice(start, start + limit),
    next_cursor: found.length > start + limit ? String(start + limit) : null,
  };
}

const isSlow = ({ domain, duration_ms }: TraceItem): boolean =>
  duration_ms >= thresholds[domain === 'db' ? 'DB_QUERY_P95' : 'API_LATENCY_P95'].warn;

/** The spans of the trace that a log record is of. */
function spansOf(index: number, scenario: Scenario, nowMs: number): TraceItem[] {
  const random = seeded(index * 104_729 + 7);
  const { trace_id: traceId, ts, sampled } = recordOf(index, { isGrouped: false, scenario }, nowMs);
  if (traceId === null) return [];
  const kinds = requests[Math.floor(random() * requests.length)] ?? [];
  const isFailed = random() < 0.25;
  const wholeMs = 4 + 2_400 * random() ** 4;
  return kinds.map(([service, domain, name, route, code], depth) => ({
    trace_id: traceId,
    span_id: `${String(index).padStart(8, '0')}${String(depth).padStart(8, '0')}`,
    ts: new Date(Date.parse(ts) - 40 + depth).toISOString(),
    span_name: scenario === 'hostile' ? (hostile[index % hostile.length] ?? name).slice(0, 120) : name,
    domain,
    route,
    status_code: isFailed ? (route === null ? 'ERROR' : '503') : code,
    is_error: isFailed,
    duration_ms: wholeMs / (depth + 1),
    service,
    sampled,
  }));
}
