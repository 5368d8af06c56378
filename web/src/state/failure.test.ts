import { reasons } from '@command-center/contract/reasons';
import { describe, expect, it } from 'vitest';
import { failureOf } from './failure.ts';

const problemOf = (code: string) => ({
  type: `urn:command-center:problem:${code}`,
  title: 'A title',
  status: 500,
  detail: 'What happened.',
});

describe('why there is no answer', () => {
  it.each([
    'internal',
    ...Object.entries(reasons).flatMap(([code, { isRetryable }]) => (isRetryable === true ? [code] : [])),
  ])('%s may be answered the next time, so it is no refusal', (code) => {
    expect(failureOf(problemOf(code)).kind).not.toBe('refused');
  });

  it('a parameter at fault is refused for good', () => {
    expect(failureOf({ ...problemOf('invalid_parameter'), parameter: 'cursor' })).toEqual({
      kind: 'refused',
      text: 'What happened.',
      parameter: 'cursor',
    });
  });

  it.each([[null], ['<html>'], [{ error: 'x' }]])('%j is none of the API', (body) => {
    expect(failureOf(body).kind).toBe('unreachable');
  });
});
