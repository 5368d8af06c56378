import { describe, expect, it } from 'vitest';
import { decodeJson } from '../decode/json.ts';
import { decodeProtobuf } from '../decode/protobuf.ts';
import { FIRST_RESERVATION_BYTES, RECORD_BYTES, VALUE_BYTES } from '../limits.ts';
import { receive } from './door.ts';
import { Reservation } from './reservation.ts';
import { recordingExporter, recordingOptions, stored } from './testing/recordingExporter.ts';

const LIMIT_BYTES = 1_000_000;

/** `count` empty spans with an attribute each, below a resource and a scope, which count as values. */
function emptySpans(count: number): Buffer {
  const record = Buffer.of(0x12, 2, 0x4a, 0);
  const scope = Buffer.concat([
    Buffer.of(0x12),
    varint(record.length * count),
    Buffer.alloc(record.length * count, record),
  ]);
  return Buffer.concat([Buffer.of(0x0a), varint(scope.length), scope]);
}

function varint(value: number): Buffer {
  return Buffer.of((value & 127) | 128, ((value >> 7) & 127) | 128, value >> 14);
}

// design §5, "Memory is bounded": a record of two bytes takes hundreds until it is committed.
describe('a request holds what its records take, beside its bytes, until it is answered', () => {
  const { options } = recordingOptions();

  it('its records and values are counted, and given back', async () => {
    const exporter = recordingExporter(LIMIT_BYTES);
    const reservation = new Reservation(exporter);
    const body = emptySpans(100);
    expect(await receive(options, exporter, 'traces', body, decodeProtobuf, reservation)).toEqual(stored);
    expect(exporter.reservedBytes).toBe(body.length + 100 * RECORD_BYTES + 102 * VALUE_BYTES);
    reservation.release();
    expect(exporter.reservedBytes).toBe(0);
  });

  it('in JSON as well, where items of lists count too', async () => {
    const exporter = recordingExporter(LIMIT_BYTES);
    const body = Buffer.from(
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"arrayValue":{"values":[{},{}]}}}]}]}]}',
    );
    await receive(options, exporter, 'logs', body, decodeJson, new Reservation(exporter));
    expect(exporter.reservedBytes).toBe(body.length + RECORD_BYTES + 2 * VALUE_BYTES);
  });

  it('beside others it is refused with a retry hint where only its bytes would fit, alone it is taken at any size', async () => {
    const exporter = recordingExporter(LIMIT_BYTES);
    const body = emptySpans(10_000);
    exporter.reserve(1);
    const beside = await receive(options, exporter, 'logs', body, decodeProtobuf, new Reservation(exporter));
    expect(beside).toMatchObject({ outcome: 'refused', reason: 'overloaded', retryAfterSeconds: 1 });
    expect(exporter.reservedBytes).toBe(1);
    exporter.release(1);
    const alone = await receive(options, exporter, 'logs', body, decodeProtobuf, new Reservation(exporter));
    expect(alone).toEqual(stored);
    expect(exporter.reservedBytes).toBeGreaterThan(LIMIT_BYTES);
  });
});

describe('a body of unknown size', () => {
  it('asks for a first piece, doubles what it holds, and takes exactly what it needs where that does not fit', () => {
    const exporter = recordingExporter(LIMIT_BYTES);
    const reservation = new Reservation(exporter);
    const held = (bytes: number): number => {
      expect(reservation.grow(bytes, LIMIT_BYTES)).toBe(true);
      return exporter.reservedBytes;
    };
    expect(held(1)).toBe(FIRST_RESERVATION_BYTES);
    expect(held(FIRST_RESERVATION_BYTES)).toBe(FIRST_RESERVATION_BYTES);
    expect(held(FIRST_RESERVATION_BYTES + 1)).toBe(2 * FIRST_RESERVATION_BYTES);
    exporter.reservedBytes += LIMIT_BYTES - 600_000;
    expect(held(540_000) - (LIMIT_BYTES - 600_000)).toBe(540_000);
    expect(reservation.grow(600_001, LIMIT_BYTES)).toBe(false);
    expect(exporter.reservedBytes).toBe(LIMIT_BYTES - 600_000);
  });
});
