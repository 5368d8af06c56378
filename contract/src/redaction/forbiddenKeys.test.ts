import { describe, expect, it } from 'vitest';
import { labelKeys } from '../labels.ts';
import { isForbiddenKey } from './forbiddenKeys.ts';

describe('fields forbidden by their key (contract.md §2)', () => {
  it.each(
    `token access_token X-Auth-Token client.secret PASSWORD db_passwd apiKey x-api-key aws.key.id authorization Proxy-Authorization
     cookie set-cookie user.id userId enduser.id user_internal_id user username db.user session_id actor_id guild_id channelId message.id
     email e-mail phone_number client.ip client.address net.peer.ip mac device.id geo lat exception.stacktrace db.statement db.query.text
     url.full http.url http.request.body connection_string`
      .trim()
      .split(/\s+/),
  )('%s', (key) => {
    expect(isForbiddenKey(key)).toBe(true);
  });

  it.each([
    ...labelKeys,
    ...[
      'exception.type',
      'request_id',
      'target',
      'code.function.name',
      'duration_ms',
      'action',
      'target_type',
      'policy_outcome',
    ],
    ...['token_type', 'key_count', 'http.request.body.size', 'http.route', 'url.scheme', 'message', 'host', ''],
  ])('but not %j', (key) => {
    expect(isForbiddenKey(key)).toBe(false);
  });

  it('judges the first 256 characters', () => {
    expect(isForbiddenKey(`${'a'.repeat(246)}.token.xyz`)).toBe(true);
    expect(isForbiddenKey(`${'a'.repeat(256)}.token.xyz`)).toBe(false);
  });
});
