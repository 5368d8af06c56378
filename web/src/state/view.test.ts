import { describe, expect, it } from 'vitest';
import { changed, defaultView, logsOf, queryOf, readView, tabs, tracesOf, type View } from './view.ts';

const everything: View = {
  tab: 'traces',
  time: { type: 'custom', fromMs: Date.UTC(2026, 10, 26), toMs: Date.UTC(2026, 10, 27) },
  service: 'checkout',
  route: '/cart/{id}',
  level: 'ERROR',
  domain: 'db',
  search: 'timeout & more',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  isGrouped: true,
  status: 'slow',
  durationMin: '250',
  cursor: 'abc',
  row: '17',
  signal: 'logs',
  isTable: true,
  isLog: true,
  isIncident: true,
  isPaused: true,
  isUtc: true,
  isKiosk: true,
};

describe('an address', () => {
  it('holds all of the view: a copied link opens the same page', () => {
    expect(readView(queryOf(everything))).toEqual(everything);
  });

  it('of the default is empty', () => {
    expect(queryOf(defaultView)).toBe('');
    expect(readView('')).toEqual(defaultView);
  });

  it.each(tabs)('names the tab %s', (tab) => {
    expect(readView(queryOf({ ...defaultView, tab })).tab).toBe(tab);
  });

  it('with what it does not understand is as if that were not there', () => {
    const nonsense = '?tab=admin&range=99d&level=INFO&trace=xyz&status=odd&duration_min=-1&signal=x&table=yes&kiosk=2';
    expect(readView(nonsense)).toEqual(defaultView);
  });
});

describe('a change of the view', () => {
  it.each([
    [{ service: 'gateway' }],
    [{ tab: 'logs' }],
    [{ status: 'error' }],
    [{ durationMin: '' }],
    [{ route: '' }],
    [{ domain: 'voice' }],
    [{ time: defaultView.time }],
  ] as const)('%j goes back to the first page and closes the open row', (change) => {
    expect(changed(everything, change)).toMatchObject({ cursor: '', row: '' });
  });

  it.each([[{ isTable: false }], [{ isUtc: false }], [{ isPaused: false }]])('%j stays where it is', (change) => {
    expect(changed(everything, change)).toMatchObject({ cursor: 'abc', row: '17' });
  });

  it('to the logs or the spans of something leaves other filters behind', () => {
    expect(changed(everything, logsOf({ traceId: 'f'.repeat(32) }))).toMatchObject({
      tab: 'logs',
      level: '',
      service: '',
      search: '',
      traceId: 'f'.repeat(32),
    });
    expect(changed(everything, tracesOf({ status: 'error' }))).toMatchObject({
      tab: 'traces',
      route: '',
      traceId: '',
      durationMin: '',
    });
  });
});
