import { describe, expect, it } from 'vitest';
import { grpcStatus, isReasonCode, reasonCodes, reasons } from './reasons.ts';

describe('the answer table (otlp-conformance items 1-7)', () => {
  it.each([
    ['undecodable', grpcStatus.invalidArgument, 400, false],
    ['unsupported_media_type', grpcStatus.invalidArgument, 415, false],
    ['unsupported_encoding', grpcStatus.unimplemented, 415, false],
    ['too_large', grpcStatus.resourceExhausted, 413, false],
    ['method_not_allowed', grpcStatus.unimplemented, 405, false],
    ['not_found', grpcStatus.unimplemented, 404, false],
    ['unauthenticated', grpcStatus.unauthenticated, 401, false],
    ['forbidden', grpcStatus.permissionDenied, 403, false],
    ['overloaded', grpcStatus.unavailable, 503, true],
    ['database_unavailable', grpcStatus.unavailable, 503, true],
    ['stopping', grpcStatus.unavailable, 503, true],
    ['refused_by_database', grpcStatus.internal, 500, false],
    ['internal', grpcStatus.internal, 500, false],
  ] as const)('%s', (code, grpcCode, httpStatus, isRetryable) => {
    expect(reasons[code]).toMatchObject({ grpcCode, httpStatus, isRetryable, effect: 'refuses' });
  });

  it('gives a retry hint only with a status that exporters retry', () => {
    for (const code of reasonCodes.filter((each) => reasons[each].isRetryable))
      expect([429, 502, 503, 504]).toContain(reasons[code].httpStatus);
  });

  it.each(reasonCodes)('%s is a code with words, short enough for a partial success', (code) => {
    const { title, text } = reasons[code];
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(title.length).toBeGreaterThan(3);
    expect(text.length).toBeGreaterThan(20);
    expect(text.length).toBeLessThan(300);
  });

  it('knows its own codes and no others', () => {
    expect(reasonCodes.every(isReasonCode)).toBe(true);
    expect(isReasonCode('toString')).toBe(false);
  });

  it('answers a record that is rejected, dropped or noted with success', () => {
    for (const code of reasonCodes) {
      const { effect, httpStatus, grpcCode } = reasons[code];
      expect(effect === 'refuses').toBe(httpStatus !== 200);
      expect(effect === 'refuses').toBe(grpcCode !== grpcStatus.ok);
    }
  });
});
