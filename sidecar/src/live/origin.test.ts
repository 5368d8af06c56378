import { describe, expect, it } from 'vitest';
import { isOurPage } from './origin.ts';

const allowed = ['https://console.example'];

describe('whose page opens a socket (interfaces.md §4: Origin is checked)', () => {
  it.each([
    ['https://console.example', 'sidecar.internal:4320'],
    ['http://127.0.0.1:4319', '127.0.0.1:4319'],
    // TLS ended before us: only the host is compared.
    ['https://watch.example', 'watch.example'],
    ['https://Watch.example', 'Watch.Example'],
    [undefined, 'watch.example'],
  ])('ours: %s at %s', (origin, host) => {
    expect(isOurPage({ host, ...(origin === undefined ? {} : { origin }) }, allowed)).toBe(true);
  });

  it.each([
    ['https://evil.example', 'watch.example'],
    ['null', 'watch.example'],
    ['', 'watch.example'],
    ['https://watch.example.evil.example', 'watch.example'],
    ['https://watch.example:444', 'watch.example'],
    ['http://console.example', 'watch.example'],
    ['https://evil.example', undefined],
    ['file://', undefined],
    ['file://', ''],
  ])('not ours: %s at %s', (origin, host) => {
    expect(isOurPage({ origin, ...(host === undefined ? {} : { host }) }, allowed)).toBe(false);
  });
});
