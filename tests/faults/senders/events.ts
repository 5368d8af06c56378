import type { Random } from '@command-center/infra/demo/random';
import type { BareLog, BareSpan } from '@command-center/sidecar/decode/testing/trees';

export interface LogItem {
  readonly signal: 'logs';
  readonly id: string;
  readonly log: BareLog;
}
export interface SpanItem {
  readonly signal: 'traces';
  readonly id: string;
  readonly span: BareSpan;
}

/** What must never reach a table: the body of every third record holds it. */
export const forbiddenAddress = 'ada.lovelace@example.org';

/** Records of one step are alike but for their time; `request_id` tells them apart in the table. */
export function logItems(random: Random, service: string, step: number, startNs: bigint, most: number): LogItem[] {
  return Array.from({ length: random.integer(3, most) }, (_, index) => {
    const id = `${service}-${step}-${index}`;
    return {
      signal: 'logs' as const,
      id,
      log: {
        timeUnixNano: startNs + BigInt(random.integer(0, 9_999_999)) * 1_000n,
        observedTimeUnixNano: 0n,
        severityNumber: random.chance(0.5) ? 17 : 13,
        severityText: '',
        eventName: 'store.failed',
        body: index % 3 === 0 ? `no session for ${forbiddenAddress}` : 'the session store does not answer',
        attributes: [
          { key: 'request_id', value: id },
          { key: 'user.email', value: forbiddenAddress },
        ],
        flags: 1,
        traceId: bytes(random, 16),
        spanId: bytes(random, 8),
      },
    };
  });
}

export function spanItems(random: Random, step: number, startNs: bigint, most: number): SpanItem[] {
  return Array.from({ length: random.integer(3, most) }, (_, index) => {
    const traceId = bytes(random, 16);
    const startTimeUnixNano = startNs + BigInt(random.integer(0, 9_999_999)) * 1_000n;
    return {
      signal: 'traces' as const,
      id: Buffer.from(traceId).toString('hex'),
      span: {
        traceId,
        spanId: bytes(random, 8),
        parentSpanId: new Uint8Array(),
        name: `GET step ${step} ${index}`,
        kind: 2,
        startTimeUnixNano,
        endTimeUnixNano: startTimeUnixNano + BigInt(random.integer(1, 900)) * 1_000_000n,
        attributes: [{ key: 'http.route', value: random.pick(['/api/v1/messages', '/api/v1/voice/join']) }],
        statusCode: 0,
        flags: 1,
      },
    };
  });
}

function bytes(random: Random, length: number): Uint8Array {
  // The first is never zero: an id of zeros is none.
  return Uint8Array.from({ length }, (_, index) => random.integer(index === 0 ? 1 : 0, 255));
}
