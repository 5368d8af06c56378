import type { TopRoute, TopRoutes } from '@command-center/contract/api/top';
import { otherValue } from '@command-center/contract/labels';
import { isProbeRoute } from '@command-center/contract/routes';
import { countsServerErrors } from '@command-center/contract/serverErrors';
import type { TransactionSql } from 'postgres';
import type { LabelledSeries } from '../queries/labelledSeries.ts';
import type { TimeWindow } from '../requests/window.ts';
import { membersBy } from '../totals/members.ts';
import { percentilesOf, readProgress, readTotals, type Total } from '../totals/readTotals.ts';
import { readSeries, type TooManySeries } from '../totals/series.ts';
import { overflowKey } from '../trends/overflow.ts';

const metrics = {
  duration: 'http.server.request.duration',
  requests: 'kaiku_http_requests_total',
  errors: 'kaiku_http_errors_total',
} as const;

export interface TopRoutesQuestion {
  readonly window: TimeWindow;
  readonly nowMs: number;
  readonly sort: 'latency' | 'errors';
  readonly limit: number;
  readonly service: string | undefined;
  /** Routes that are left out. */
  readonly probeRoutes: readonly string[];
}

/** What of a route is counted; null = the overflow series, which has no route. */
interface Counted {
  readonly what: 'requests' | 'errors';
  readonly route: string | null;
}

interface Route {
  readonly route: string;
  readonly count: number;
  readonly errors: number;
  readonly durations: Total | undefined;
}

/** The slowest routes, or those with most errors, over methods and services. */
export async function readTopRoutes(
  tx: TransactionSql,
  question: TopRoutesQuestion,
): Promise<Pick<TopRoutes, 'items' | 'overflow_count'> | TooManySeries> {
  const { window, nowMs, service, probeRoutes } = question;
  const names = Object.values(metrics);
  const [series, progress] = await Promise.all([
    readSeries(tx, names, service === undefined ? {} : { 'service.name': service }),
    readProgress(tx, names, window, nowMs),
  ]);
  if ('refusal' in series) return series;
  const routeOf = (labels: LabelledSeries['labels']): string | null =>
    labels[overflowKey] === true ? null : String(labels['http.route'] ?? otherValue);
  const isListed = (route: string | null): boolean => route === null || !isProbeRoute(route, probeRoutes);
  const counted = membersBy<Counted>(series.found, ({ metric_name, labels }) => {
    const route = routeOf(labels);
    if (!isListed(route)) return undefined;
    if (metric_name === metrics.requests) return { what: 'requests', route };
    return metric_name === metrics.errors && countsServerErrors(labels) ? { what: 'errors', route } : undefined;
  });
  const timed = membersBy<string>(series.found, ({ metric_name, labels }) => {
    const route = routeOf(labels);
    return metric_name === metrics.duration && route !== null && isListed(route) ? route : undefined;
  });
  const [counts, durations] = await Promise.all([
    readTotals(tx, 'counter', counted, window, progress),
    readTotals(tx, 'histogram', timed, window, progress),
  ]);
  const sums = new Map(counted.keys.map((key, at) => [keyText(key), counts.get(at)?.sum ?? 0]));
  const sumOf = (what: Counted['what'], route: string | null): number => sums.get(keyText({ what, route })) ?? 0;
  const byRoute = new Map(timed.keys.map((route, at) => [route, durations.get(at)]));
  const all = new Set([...counted.keys.flatMap(({ route }) => route ?? []), ...timed.keys]);
  const routes = [...all]
    .map((route) => ({
      route,
      count: sumOf('requests', route),
      errors: sumOf('errors', route),
      durations: byRoute.get(route),
    }))
    // A route that nobody asked for in this time offends nobody.
    .filter(({ count, errors, durations }) => count > 0 || errors > 0 || (durations?.count ?? 0) > 0);
  return { items: ranked(routes, question), overflow_count: sumOf('requests', null) };
}

function keyText({ what, route }: Counted): string {
  return JSON.stringify([what, route]);
}

/** Percentiles are computed only of what may be listed. */
function ranked(routes: readonly Route[], { sort, limit }: TopRoutesQuestion): TopRoute[] {
  if (sort === 'errors') {
    return routes
      .toSorted((a, b) => b.errors - a.errors || rateOf(b) - rateOf(a) || byName(a, b))
      .slice(0, limit)
      .map(present);
  }
  return routes
    .map(present)
    .sort((a, b) => (b.p95 ?? -1) - (a.p95 ?? -1) || b.count - a.count || byName(a, b))
    .slice(0, limit);
}

function rateOf({ errors, count }: Route): number {
  return count > 0 ? errors / count : 0;
}

function byName(a: { readonly route: string }, b: { readonly route: string }): number {
  return a.route < b.route ? -1 : 1;
}

function present({ route, count, errors, durations }: Route): TopRoute {
  const [, p95] = durations === undefined ? [] : percentilesOf(durations);
  return {
    route,
    count,
    p95: p95?.value ?? null,
    p95_lo: p95?.lo ?? null,
    p95_hi: p95?.hi ?? null,
    p95_quality: p95?.quality ?? null,
    error_count: errors,
    error_rate: count > 0 ? errors / count : null,
  };
}
