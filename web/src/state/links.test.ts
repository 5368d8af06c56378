import { describe, expect, it } from 'vitest';
import { around, linkTo } from './links.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const times = { fromMs: 1_764_000_000_000, toMs: 1_764_000_060_000 };

/** interfaces.md §1, "Deep links". */
describe('a link to another tool', () => {
  it('fills every placeholder, wherever and how often it stands', () => {
    const template = 'https://tempo.example/{service}/{trace_id}?a={from}&b={to}#{trace_id}';
    expect(linkTo(template, { ...times, traceId, service: 'orders' })).toBe(
      `https://tempo.example/orders/${traceId}?a=1764000000000&b=1764000060000#${traceId}`,
    );
  });

  it('encodes what it fills in', () => {
    const service = 'a b&c="d"/é{}';
    expect(linkTo('https://g.example/?s={service}', { ...times, service })).toBe(
      'https://g.example/?s=a%20b%26c%3D%22d%22%2F%C3%A9%7B%7D',
    );
  });

  it('fills once: a value that looks like a placeholder stays one', () => {
    expect(linkTo('https://g.example/?s={service}', { ...times, service: '{from}' })).toBe(
      'https://g.example/?s=%7Bfrom%7D',
    );
    expect(linkTo('https://g.example/?s={service}', { ...times, service: '$&' })).toBe('https://g.example/?s=%24%26');
  });

  it('takes half a character for a replaced one', () => {
    expect(linkTo('https://g.example/?s={service}', { ...times, service: '\ud83d' })).toBe(
      'https://g.example/?s=%EF%BF%BD',
    );
  });

  it('is opened as it is without a placeholder, and with one that is none of ours', () => {
    expect(linkTo('https://g.example/d/abc', { ...times })).toBe('https://g.example/d/abc');
    expect(linkTo('https://g.example/{orgId}', { ...times })).toBe('https://g.example/{orgId}');
  });

  it('of no service asks for every one', () => {
    expect(linkTo('https://l.example/?s={service}&t={from}', times)).toBe('https://l.example/?s=&t=1764000000000');
  });

  it('is none without a template, or without the trace that it is to open', () => {
    expect(linkTo(undefined, { ...times, traceId })).toBeNull();
    expect(linkTo('https://tempo.example/{trace_id}', times)).toBeNull();
  });

  it.each(['javascript:alert(1)', 'data:text/html,a', 'ftp://a.example/', '//a.example/', '/trace', 'tempo', ''])(
    'is none where the address is not of http or https: %j',
    (template) => {
      expect(linkTo(template, { ...times, traceId })).toBeNull();
    },
  );

  it('is none where a value would make another scheme', () => {
    expect(linkTo('{service}:alert(1)', { ...times, service: 'javascript' })).toBeNull();
  });

  it('looks a quarter of an hour before and behind', () => {
    expect(around(times.fromMs, 2_000)).toEqual({
      fromMs: times.fromMs - 900_000,
      toMs: times.fromMs + 2_000 + 900_000,
    });
  });
});
