import { expect, test } from 'vitest';
import { failureOf } from './failures.ts';
import { NoAnswerError } from './statement.ts';

const withCode = (code: string) => Object.assign(new Error('password is hunter2'), { code });

test.each([
  [withCode('57014'), 'deadline_exceeded'],
  [withCode('ECONNREFUSED'), 'database_unavailable'],
  [new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]), 'database_unavailable'],
  [withCode('CONNECTION_CLOSED'), 'database_unavailable'],
  [withCode('57P01'), 'database_unavailable'],
  [withCode('53300'), 'database_unavailable'],
  [withCode('28P01'), 'database_unavailable'],
  [new NoAnswerError('no answer within 5 ms'), 'database_unavailable'],
  [new Error('Network connection lost.'), 'database_unavailable'],
  [withCode('42P01'), 'internal'],
  [withCode('22021'), 'internal'],
  [new TypeError('x is undefined'), 'internal'],
  ['a string', 'internal'],
])('%s is %s', (error, code) => {
  const { refusal, isExpected } = failureOf(error);
  expect(refusal.code).toBe(code);
  expect(isExpected).toBe(code !== 'internal');
  expect(refusal.detail).not.toContain('hunter2');
});
