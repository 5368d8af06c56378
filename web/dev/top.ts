import type { TopErrors, TopRoutes } from '@command-center/contract/api/top';
import { isEmpty, type Scenario } from './scenario.ts';

const dayMs = 86_400_000;
const period = (nowMs: number) => ({
  from: new Date(nowMs - dayMs).toISOString(),
  to: new Date(nowMs).toISOString(),
});

export function topRoutesOf(scenario: Scenario, query: URLSearchParams, nowMs: number): TopRoutes {
  const isBad = scenario === 'degraded' || scenario === 'down';
  const row = (route: string, count: number, p95: number, errors: number) => ({
    route,
    count,
    p95,
    p95_lo: p95 * 0.99,
    p95_hi: p95 * 1.01,
    p95_quality: 'exact' as const,
    error_count: errors,
    error_rate: errors / count,
  });
  const items = isEmpty(scenario)
    ? []
    : [
        row('/cart/{id}', 480_211, isBad ? 1.38 : 0.168, isBad ? 9_120 : 212),
        row('/checkout', 91_004, 0.412, 61),
        row('/items', 1_204_991, 0.082, 14),
        row('/api/v1/guilds/{guild}/channels/{channel}/messages/{message}/reactions', 3_204, 0.31, 3),
        row('_OTHER', 88_120, 0.02, 0),
      ];
  const key = query.get('sort') === 'errors' ? 'error_count' : 'p95';
  return { ...period(nowMs), items: items.sort((left, right) => right[key] - left[key]), overflow_count: 0 };
}

export function topErrorsOf(scenario: Scenario, nowMs: number): TopErrors {
  const items = isEmpty(scenario)
    ? []
    : [
        { error_type: 'query_timeout', count: 1_204 },
        { error_type: '503', count: 402 },
        { error_type: 'ECONNRESET', count: 12 },
      ];
  return { ...period(nowMs), items, overflow_count: 0 };
}
