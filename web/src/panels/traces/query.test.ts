import type { TraceItem } from '@command-center/contract/api/lists';
import { describe, expect, it } from 'vitest';
import { changed, defaultView } from '../../state/view.ts';
import { factsOf, filterText, isHere, quickViews, rowId, statusText, traceFilters, traceParameters } from './query.ts';

const traceId = 'ab'.repeat(16);
const filtered = { ...defaultView, status: 'slow', domain: 'db', route: '/cart/{id}', durationMin: '250' } as const;

const span = (change: Partial<TraceItem> = {}): TraceItem => ({
  trace_id: traceId,
  span_id: 'cd'.repeat(8),
  ts: '2026-11-24T03:00:00.000Z',
  span_name: 'GET /cart/{id}',
  domain: 'other',
  route: '/cart/{id}',
  status_code: '200',
  is_error: false,
  duration_ms: 12.5,
  service: 'checkout',
  sampled: true,
  ...change,
});

describe('what the spans are asked for', () => {
  it('holds every filter, the time and the page', () => {
    expect(traceParameters({ ...filtered, traceId, cursor: 'c' })).toEqual({
      status: 'slow',
      domain: 'db',
      route: '/cart/{id}',
      duration_min: '250',
      trace_id: traceId,
      range: '24h',
      cursor: 'c',
      limit: '50',
    });
  });

  it('is exported without a page', () => {
    expect(Object.keys(traceFilters({ ...filtered, cursor: 'c' })).sort()).toEqual([
      'domain',
      'duration_min',
      'range',
      'route',
      'status',
      'trace_id',
    ]);
  });

  it('of other tabs asks nothing', () => {
    expect(traceParameters({ ...defaultView, level: 'WARN', service: 'a', search: 'b', isGrouped: true })).toEqual(
      traceParameters(defaultView),
    );
  });
});

describe('the filters in words', () => {
  it('are none without a filter', () => {
    expect(filterText(defaultView)).toBe('');
  });

  it('name each, but the trace', () => {
    expect(filterText({ ...filtered, traceId })).toBe('status slow, domain db, route /cart/{id}, 250 ms or more');
  });

  it('hide nothing', () => {
    expect(filterText({ ...defaultView, route: '/a\u202e' })).toBe('route /a[U+202E]');
  });
});

describe('a quick view', () => {
  const [errors, slow] = quickViews;

  it('leaves no other filter', () => {
    const there = changed({ ...filtered, tab: 'traces', traceId }, errors.to);
    expect(traceFilters(there)).toEqual({
      status: 'error',
      domain: '',
      route: '',
      duration_min: '',
      trace_id: '',
      range: '1h',
    });
  });

  it('is marked where the page is it, on whatever page and with whatever row open', () => {
    const there = { ...changed(defaultView, slow.to), cursor: 'c', row: 'r' };
    expect([isHere(there, slow.to), isHere(there, errors.to), isHere({ ...there, domain: 'db' }, slow.to)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('a span', () => {
  it.each([
    [{ is_error: true, status_code: '503' }, 'error 503'],
    [{ is_error: true, status_code: 'ERROR' }, 'error'],
    [{ is_error: true, status_code: null }, 'error'],
    [{ status_code: '404' }, '404'],
    [{ status_code: 'OK' }, 'OK'],
    [{ status_code: null }, 'no error'],
  ])('ended: %j', (change, text) => {
    expect(statusText(span(change))).toBe(text);
  });

  it('is told from those of other traces', () => {
    expect(rowId(span())).toBe(`${traceId}-${'cd'.repeat(8)}`);
  });
});

describe('what is known of a trace', () => {
  it('of one span', () => {
    expect(factsOf([span()], false)).toEqual({
      spans: '1 span',
      services: '1 service',
      isSampled: true,
      fromMs: Date.parse('2026-11-24T03:00:00.000Z'),
      durationMs: 12.5,
    });
  });

  it('of spans of several services, of which only some are sampled, and more behind them', () => {
    const later = span({ ts: '2026-11-24T03:00:01.000Z', service: 'orders', duration_ms: 500 });
    const longest = span({ sampled: false, duration_ms: 2_000 });
    expect(factsOf([later, longest, span()], true)).toMatchObject({
      spans: '3 spans or more',
      services: '2 services',
      isSampled: true,
      durationMs: 2_000,
    });
  });

  it('is not sampled where no span of it is', () => {
    expect(factsOf([span({ sampled: false })], false).isSampled).toBe(false);
  });
});
