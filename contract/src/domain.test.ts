import { describe, expect, it } from 'vitest';
import { domainOf } from './domain.ts';

describe('domain (contract.md §3)', () => {
  it.each([
    [{ attribute: 'voice', hasDbSystem: true, route: '/auth', prefix: 'chat' }, 'voice'],
    [{ attribute: ' Crypto ' }, 'crypto'],
    [{ attribute: 'nonsense', hasDbSystem: true, route: '/auth' }, 'db'],
    [{ route: '/api/v1/auth/chat', prefix: 'ws' }, 'auth'],
    [{ route: '/api/v1/authors', prefix: 'ws.hub' }, 'ws'],
    [{ route: '_OTHER', prefix: ['kaiku_server::chat::send', 'voice.join'] }, 'chat'],
    [{ prefix: ['http', 'voice.join'] }, 'voice'],
    [{ prefix: 'cannot voice this' }, 'other'],
    [{ prefix: 'GET /auth' }, 'other'],
    [{ route: null, prefix: undefined, attribute: undefined }, 'other'],
    [{}, 'other'],
  ])('%j is %s', (evidence, expected) => {
    expect(domainOf(evidence)).toBe(expected);
  });
});
