import { apiPaths } from '@command-center/infra/cdk/paths';
import { describe, expect, test } from 'vitest';
import { routes } from './routeTable.ts';

/** Path patterns of CloudFront: `*` is any text. */
const isRouted = (path: string): boolean =>
  apiPaths.some((pattern) => {
    const [before = '', after] = pattern.split('*', 2);
    return after === undefined ? path === pattern : path.startsWith(before) && path.endsWith(after);
  });

describe('the distribution before API and console (docs/aws.md)', () => {
  test('leads every path that the API answers to it', () => {
    expect(routes.map(({ path }) => path).filter((path) => !isRouted(path))).toEqual([]);
  });

  test.each([
    '/',
    '/command-center',
    '/command-center/x',
    '/assets/index-abc.js',
    '/theme.js',
    '/icon.svg',
    '/licences.json',
  ])('leaves %s to the console', (path) => {
    expect(isRouted(path)).toBe(false);
  });
});
