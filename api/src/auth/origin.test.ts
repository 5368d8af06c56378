import { describe, expect, test } from 'vitest';
import { publicOrigin } from './origin.ts';

const allowed = ['https://ops.example.com', 'http://other.example.com:8080'];

describe('the origin that browsers know us by', () => {
  test.each([
    ['is the one asked', 'http://console.test', {}, 'http://console.test'],
    ['is https where a proxy says so', 'http://console.test', { 'X-Forwarded-Proto': 'https' }, 'https://console.test'],
    [
      'is what the first of several proxies says',
      'http://a.test',
      { 'X-Forwarded-Proto': 'https, http' },
      'https://a.test',
    ],
    ['keeps its port', 'http://console.test:4319', { 'X-Forwarded-Proto': 'https' }, 'https://console.test:4319'],
    ['is never less than https for a header', 'https://a.test', { 'X-Forwarded-Proto': 'http' }, 'https://a.test'],
    ['is an allowed origin of that host', 'http://ops.example.com', {}, 'https://ops.example.com'],
    [
      'is one that a proxy names',
      'http://10.0.0.7',
      { 'X-Forwarded-Host': 'OPS.example.com' },
      'https://ops.example.com',
    ],
    [
      'with its port',
      'http://10.0.0.7',
      { 'X-Forwarded-Host': 'other.example.com:8080' },
      'http://other.example.com:8080',
    ],
    ['is none that is not allowed', 'http://console.test', { 'X-Forwarded-Host': 'evil.test' }, 'http://console.test'],
    ['is none with another port', 'http://a.test', { 'X-Forwarded-Host': 'ops.example.com:8443' }, 'http://a.test'],
  ])('%s', (_what, asked, headers, expected) => {
    const request = new Request(`${asked}/auth/start`, { headers: new Headers(Object.entries(headers)) });
    expect(publicOrigin(request, allowed)).toBe(expected);
  });
});
