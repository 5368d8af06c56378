import { describe, expect, it } from 'vitest';
import { defaultView } from '../../state/view.ts';
import { filterText, logFilters, logParameters, searchChange } from './query.ts';

const filtered = {
  ...defaultView,
  level: 'ERROR',
  service: 'orders',
  domain: 'db',
  search: 'timeout',
  traceId: 'ab'.repeat(16),
} as const;

describe('what the logs are asked for', () => {
  it('holds every filter, the time and the page', () => {
    expect(logParameters({ ...filtered, isGrouped: true, cursor: 'c' })).toEqual({
      level: 'ERROR',
      service: 'orders',
      domain: 'db',
      search: 'timeout',
      trace_id: 'ab'.repeat(16),
      range: '24h',
      group: '1',
      cursor: 'c',
      limit: '50',
    });
  });

  it('is exported whole: no page, and every record of a group', () => {
    const exported = Object.keys(logFilters({ ...filtered, isGrouped: true, cursor: 'c' })).sort();
    expect(exported).toEqual(['domain', 'level', 'range', 'search', 'service', 'trace_id']);
  });

  it('of other tabs asks nothing', () => {
    expect(logParameters({ ...defaultView, route: '/a', status: 'slow', durationMin: '5' })).toEqual(
      logParameters(defaultView),
    );
  });

  it('takes a custom time', () => {
    const time = { type: 'custom', fromMs: 0, toMs: 1_000 } as const;
    expect(logFilters({ ...defaultView, time })).toMatchObject({
      from: '1970-01-01T00:00:00.000Z',
      to: '1970-01-01T00:00:01.000Z',
    });
  });
});

describe('the filters in words', () => {
  it('are none without a filter', () => {
    expect(filterText(defaultView)).toBe('');
  });

  it('name each', () => {
    expect(filterText(filtered)).toBe(`level ERROR, service orders, domain db, “timeout”, trace ${'ab'.repeat(16)}`);
  });

  it('hide nothing', () => {
    expect(filterText({ ...defaultView, search: 'a\u202eb' })).toBe('“a[U+202E]b”');
  });
});

describe('what is searched for', () => {
  it.each([
    [' timeout ', { search: 'timeout', traceId: '' }],
    [`${'AB'.repeat(16)}`, { search: '', traceId: 'ab'.repeat(16) }],
    ['ab'.repeat(15), { search: 'ab'.repeat(15), traceId: '' }],
    ['', { search: '', traceId: '' }],
  ])('%j', (text, change) => {
    expect(searchChange(text)).toEqual(change);
  });
});
