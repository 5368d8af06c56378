import { describe, expect, test } from 'vitest';
import { requestOf } from './lambdaEvent.ts';

const event = {
  version: '2.0',
  rawPath: '/login',
  rawQueryString: '',
  headers: { host: 'function.example.com', 'content-type': 'application/json' },
  requestContext: { domainName: 'function.example.com', http: { method: 'POST', path: '/login' } },
  isBase64Encoded: false,
};

describe('an event of payload format 2.0 is a request', () => {
  test('with its body, as text or as base64', async () => {
    expect(await requestOf({ ...event, body: '{"a":"ü"}' })?.text()).toBe('{"a":"ü"}');
    const encoded = Buffer.from('{"a":"ü"}').toString('base64');
    expect(await requestOf({ ...event, body: encoded, isBase64Encoded: true })?.text()).toBe('{"a":"ü"}');
  });

  test('with its cookies, which stand apart from its headers', () => {
    expect(requestOf({ ...event, cookies: ['a=1', 'b=2'] })?.headers.get('cookie')).toBe('a=1; b=2');
  });

  test('with its query as it was sent', () => {
    const request = requestOf({ ...event, rawPath: '/x', rawQueryString: 'metric=a&metric=b%20c' });
    expect(request?.url).toBe('https://function.example.com/x?metric=a&metric=b%20c');
  });

  test('with a path that was decoded on the way', () => {
    expect(requestOf({ ...event, rawPath: '/a b/ü?#' })?.url).toBe('https://function.example.com/a%20b/%C3%BC%3F%23');
  });

  test('with header values beyond ASCII as bytes', () => {
    const request = requestOf({ ...event, headers: { 'x-name': '你' } });
    expect(Buffer.from(request?.headers.get('x-name') ?? '', 'latin1').toString()).toBe('你');
  });

  test('without a body where the method has none', () => {
    const http = { method: 'GET', path: '/' };
    expect(requestOf({ ...event, body: 'x', requestContext: { http } })?.body).toBeNull();
  });
});

describe('what is no request is none', () => {
  test.each([
    ['a schedule', { source: 'aws.events', detail: {} }],
    ['payload format 1.0', { version: '1.0', httpMethod: 'GET', path: '/' }],
    ['nothing', null],
    ['a method that no server may take', { ...event, requestContext: { http: { method: 'TRACE' } } }],
    ['a header that is none', { ...event, headers: { 'a b': 'c' } }],
    ['a host that is none', { ...event, requestContext: { domainName: 'a b', http: { method: 'GET' } } }],
  ])('%s', (_name, other) => {
    expect(requestOf(other)).toBeUndefined();
  });
});
