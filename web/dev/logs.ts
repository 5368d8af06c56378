import type { Logs } from '@command-center/contract/api/lists';
import { isEmpty, type Scenario, seeded } from './scenario.ts';

const kinds = [
  ['ERROR', 'checkout', 'db', 'query_timeout', 'canceling statement due to statement timeout'],
  ['ERROR', 'gateway', 'auth', 'login_failed', 'login failed for [REDACTED]: too many attempts'],
  ['WARN', 'orders', 'db', 'pool_wait', 'waited 212 ms for a connection'],
  ['ERROR', 'orders', 'other', 'payment_declined', 'the provider declined the payment: insufficient funds'],
  ['ERROR', 'voice', 'voice', 'ice_failed', 'ICE negotiation failed after 3 candidates'],
  ['WARN', 'hub', 'ws', 'slow_consumer', 'the queue of a connection is over half full'],
  [
    'ERROR',
    'worker',
    'crypto',
    'key_rotation_failed',
    'the new key is not readable; the old one stays in use until 04:00',
  ],
  [
    'ERROR',
    'checkout',
    'other',
    'upstream_reset',
    'upstream reset the stream before the headers were complete, and the retry budget of this route was already spent',
  ],
] as const;

/** Messages that a page must show as text. */
export const hostile: readonly string[] = [
  '<img src=x onerror="alert(1)"><script>alert(2)</script><b>bold</b>',
  'invoice \u202efdp.exe\u202c, and \u2066isolated \u2067text\u2069 behind it',
  `one line of 100 KB: ${'a word and '.repeat(9_000)}`,
  `without a space: ${'x'.repeat(100_000)}`,
  '👩‍👩‍👧‍👦 🏳️‍🌈 the family logged out 🎉🎉🎉',
  'a\u0000b\u0007c\u001b[31mred\u001b[0m\r\nnext\tline\u0085\u2028end',
  `Z${'\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307'.repeat(12)}algo`,
  'שלום לכולם: the order 1234 of מרחבא failed',
  `{{constructor.constructor("alert(3)")()}} \${alert(4)} javascript:alert(5)`,
];

export function logsOf(scenario: Scenario, query: URLSearchParams, nowMs: number): Logs {
  if (isEmpty(scenario)) return { items: [], next_cursor: null };
  const limit = Number(query.get('limit') ?? 50);
  const start = Number(query.get('cursor') ?? 0);
  const isGrouped = query.get('group') === '1';
  const asked = (['level', 'service', 'domain'] as const).map((key) => [key, query.get(key)] as const);
  const search = query.get('search')?.toLowerCase() ?? '';
  const all = Array.from({ length: isGrouped ? 40 : 200 }, (_, index) =>
    recordOf(index, { isGrouped, scenario }, nowMs),
  );
  const found = all.filter(
    (item) =>
      asked.every(([key, value]) => value === null || item[key] === value) &&
      (query.get('trace_id') === null || item.trace_id === query.get('trace_id')) &&
      `${item.event} ${item.message}`.toLowerCase().includes(search),
  );
  return {
    items: found.slice(start, start + limit),
    next_cursor: found.length > start + limit ? String(start + limit) : null,
  };
}

export function recordOf(
  index: number,
  { isGrouped, scenario }: { readonly isGrouped: boolean; readonly scenario: Scenario },
  nowMs: number,
): Logs['items'][number] {
  const random = seeded(index * 7919 + 1);
  const [level, service, domain, event, message] = kinds[Math.floor(random() * kinds.length)] ?? kinds[0];
  const tsMs = Math.floor((nowMs - 2_000 - index * index * 900) / 1_000) * 1_000 + Math.floor(random() * 1_000);
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  const hasTrace = random() > 0.3;
  return {
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    ts: new Date(tsMs).toISOString(),
    level,
    service,
    domain,
    event,
    message: scenario === 'hostile' ? (hostile[index % hostile.length] ?? message) : message,
    trace_id: hasTrace ? hex(32) : null,
    span_id: hasTrace ? hex(16) : null,
    sampled: random() > 0.2,
    attrs: {
      'exception.type': 'TimeoutError',
      'code.function.name': 'loadCart',
      duration_ms: Math.round(random() * 4_000),
    },
    ...(isGrouped ? { count: Math.ceil(random() ** 3 * 400), first_ts: new Date(tsMs - 3_600_000).toISOString() } : {}),
  };
}
