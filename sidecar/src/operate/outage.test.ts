import { describe, expect, it } from 'vitest';
import { isPassing, outageWords, troubleWords } from './outage.ts';

function failure(code: string, message = 'no'): Error {
  return Object.assign(new Error(message), { code });
}

describe('which troubles with Postgres are waited for', () => {
  it.each([
    ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'CONNECT_TIMEOUT', 'SERVER_SILENT'],
    ...['57P03', '57P01', '53300', '53100', '08006', '58030', '25006'],
  ])('%s passes', (code) => {
    expect(isPassing(failure(code))).toBe(true);
  });

  it.each([
    ...['28P01', '28000', '3D000', '42501', '42P01', '0A000'],
    ...['SELF_SIGNED_CERT_IN_CHAIN', 'CERT_HAS_EXPIRED', 'SASL_SIGNATURE_MISMATCH', ''],
  ])('%s does not: an operator must act', (code) => {
    expect(isPassing(failure(code))).toBe(false);
  });

  it('looks for the cause of a migration that failed', () => {
    expect(isPassing(new Error('0001_x.sql failed', { cause: failure('57P01') }))).toBe(true);
    expect(isPassing(new Error('0001_x.sql failed', { cause: failure('42501') }))).toBe(false);
    expect(isPassing(new Error('the database is newer than this version'))).toBe(false);
  });
});

describe('how they are told', () => {
  it('is one line with the code', () => {
    expect(outageWords(failure('53300', 'too many\nclients'))).toBe('too many clients (53300)');
    expect(outageWords(failure('ECONNREFUSED', 'connect ECONNREFUSED ::1:5432'))).toBe('connect ECONNREFUSED ::1:5432');
    expect(outageWords(new Error('newer'))).toBe('newer');
  });

  it('names the first of the addresses that a host name has', () => {
    const tried = [failure('ECONNREFUSED', 'connect ECONNREFUSED ::1:5432'), failure('ECONNREFUSED', 'other')];
    expect(outageWords(new AggregateError(tried, ''))).toBe('connect ECONNREFUSED ::1:5432');
  });
});

describe('what is the matter is said as it is', () => {
  it.each([
    ['ECONNREFUSED', 'Postgres is away'],
    ['57P03', 'Postgres is away'],
    ['25006', 'Postgres cannot be written to'],
    ['53100', 'Postgres is short of resources'],
    ['55P03', 'a migration is held up'],
    ['40P01', 'a migration is held up'],
    ['42501', 'Postgres cannot be used'],
  ])('%s: %s', (code, words) => {
    const migration = new Error('0002_x.sql failed', { cause: failure(code) });
    expect([troubleWords(failure(code)), troubleWords(migration)]).toEqual([
      `${words}: no (${code})`,
      `${words}: 0002_x.sql failed`,
    ]);
  });
});
