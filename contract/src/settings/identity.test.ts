import { describe, expect, it } from 'vitest';
import { parseSettings } from './settings.ts';

const whole = {
  ISSUER: 'https://id.example.com/realms/ops',
  AUDIENCE: 'command-center',
  ADMIN_CLAIM: 'realm_access.roles',
  ADMIN_VALUE: 'system-admin',
  CLIENT_ID: 'console',
  CLIENT_SECRET: 'a-secret-of-a-client',
};

/** What the start says, by variable without its prefix; `changes` with undefined leaves a variable out. */
function said(changes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const variables = Object.entries({ ...whole, ...changes });
  const parsed = parseSettings(
    Object.fromEntries(variables.map(([name, value]) => [`COMMAND_CENTER_OIDC_${name}`, value])),
  );
  const problems = parsed.isValid ? [] : parsed.problems;
  return Object.fromEntries(problems.map((one) => [one.variable.replace('COMMAND_CENTER_OIDC_', ''), one.allowed]));
}

const because = (other: string): string => `must be set, because COMMAND_CENTER_OIDC_${other} is`;

describe('the identity provider is configured wholly or not at all (interfaces.md §2)', () => {
  it.each([
    ['with a client that has a secret', {}],
    ['with a public client', { CLIENT_SECRET: undefined }],
    ['for scripts alone', { CLIENT_ID: undefined, CLIENT_SECRET: undefined }],
    ['on loopback over plain HTTP', { ISSUER: 'http://127.0.0.1:8080' }],
    ['on localhost', { ISSUER: 'http://localhost:8080/realms/ops/' }],
  ])('%s', (_what, changes) => {
    expect(said(changes)).toEqual({});
  });

  it('the issuer needs audience, claim and value, and says all that is missing at once', () => {
    expect(said({ AUDIENCE: undefined })).toEqual({ AUDIENCE: because('ISSUER') });
    expect(said({ AUDIENCE: undefined, ADMIN_CLAIM: '', ADMIN_VALUE: ' ' })).toEqual({
      AUDIENCE: because('ISSUER'),
      ADMIN_CLAIM: because('ISSUER'),
      ADMIN_VALUE: because('ISSUER'),
    });
  });

  it.each(['AUDIENCE', 'ADMIN_CLAIM', 'ADMIN_VALUE', 'CLIENT_ID'] as const)('%s alone needs the issuer', (name) => {
    const none = Object.fromEntries(Object.keys(whole).map((key) => [key, undefined]));
    expect(said({ ...none, [name]: whole[name] })).toEqual({ ISSUER: because(name) });
  });

  it('a secret needs its client', () => {
    expect(said({ CLIENT_ID: undefined })).toEqual({ CLIENT_ID: because('CLIENT_SECRET') });
  });

  it.each([
    ['plain HTTP on another host', 'http://id.example.com'],
    ['a host that only looks like loopback', 'http://127.0.0.1.example.com'],
    ['a query', 'https://id.example.com/?tenant=ops'],
    ['a fragment', 'https://id.example.com/#ops'],
    ['credentials', 'https://user:password@id.example.com/'],
    ['no address', 'id.example.com'],
  ])('refuses an issuer with %s', (_what, issuer) => {
    expect(Object.keys(said({ ISSUER: issuer }))).toContain('ISSUER');
  });

  it('refuses a weak secret and does not repeat it', () => {
    const parsed = parseSettings({ COMMAND_CENTER_OIDC_CLIENT_SECRET: 'secret' });
    expect(JSON.stringify(parsed)).not.toContain('"secret"');
    expect(said({ CLIENT_SECRET: 'secret' })).toEqual({
      CLIENT_SECRET: expect.stringContaining('16 to 1024'),
    });
  });
});
