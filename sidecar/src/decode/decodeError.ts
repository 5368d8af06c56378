import type { Signal } from './records.ts';

/** The bytes are not the message they claim to be, or hold more than fits into memory: the whole request is refused. `where` never holds a value of the sender. */
export class DecodeError extends Error {
  readonly code: 'undecodable' | 'too_large';
  readonly where: string;

  constructor(where: string, expected: string, code: DecodeError['code'] = 'undecodable') {
    super(`${where}: expected ${expected}`);
    this.name = 'DecodeError';
    this.where = where;
    this.code = code;
  }
}

/**
 * What reading protobuf threw, as the error of its request: the Reader throws RangeError and plain Error for bad bytes; a TypeError or
 * ReferenceError would be our own mistake, and comes back as it is.
 */
export function asDecodeError(error: unknown, where: string): unknown {
  const isForeign = !(error instanceof Error) || error instanceof TypeError || error instanceof ReferenceError;
  if (isForeign || error instanceof DecodeError) return error;
  return new DecodeError(where, 'protobuf of opentelemetry-proto 1.x');
}

/** `what`: in the plural. */
export function tooMany(most: number, what: string): DecodeError {
  return new DecodeError('request', `at most ${most} ${what}`, 'too_large');
}

/** How far a decoder has come: indexes of resource, scope, item (metric, log record or span) and data point; -1 = none yet. */
export interface Cursor {
  resource: number;
  scope: number;
  item: number;
  point: number;
}

const envelopeNames = {
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
} as const satisfies Record<Signal, readonly [string, string, string]>;

/** JSON names of the three levels of a request, outermost first. Source: opentelemetry-proto 1.11. */
export function namesOf(signal: Signal): readonly [resources: string, scopes: string, items: string] {
  return envelopeNames[signal];
}

export function startCursor(): Cursor {
  return { resource: -1, scope: -1, item: -1, point: -1 };
}

/** The cursor in words: `resourceMetrics[0].scopeMetrics[0].metrics[2].dataPoints[5]`. */
export function placeOf(signal: Signal, cursor: Cursor): string {
  const [resources, scopes, items] = namesOf(signal);
  if (cursor.resource < 0) return 'request';
  let place = `${resources}[${cursor.resource}]`;
  if (cursor.scope < 0) return place;
  place += `.${scopes}[${cursor.scope}]`;
  if (cursor.item < 0) return place;
  place += `.${items}[${cursor.item}]`;
  return cursor.point < 0 ? place : `${place}.dataPoints[${cursor.point}]`;
}
