import { isReasonCode, type ReasonCode, reasons } from '@command-center/contract/reasons';
import type { Settings } from '@command-center/contract/settings/settings';
import { DecodeError } from '../decode/decodeError.ts';
import type { Signal } from '../decode/records.ts';
import type { DecodedRequest } from '../decode/request.ts';
import {
  MAX_MESSAGE_BYTES,
  MAX_RETRY_AFTER_SECONDS,
  RECORD_BYTES,
  RETRY_AFTER_SECONDS,
  VALUE_BYTES,
} from '../limits.ts';
import type { Log } from '../log.ts';
import type { Exporter } from './export.ts';
import type { Reservation } from './reservation.ts';
import { decodeTurn } from './turns.ts';

/** Whether what lies behind the doors can take anything at all; decided elsewhere. */
export interface Availability {
  isReady(): boolean;
  /** Why every request is sent away before it is read; undefined = none is. */
  refusal(): ReasonCode | undefined;
  /** `listener` is called after each change. */
  onChange(listener: () => void): void;
}

export interface DoorOptions {
  readonly settings: Pick<
    Settings,
    | 'otlpHost'
    | 'otlpGrpcPort'
    | 'otlpHttpPort'
    | 'otlpToken'
    | 'otlpTokenPrevious'
    | 'otlpTlsCert'
    | 'otlpTlsKey'
    | 'otlpTlsClientCa'
    | 'otlpMaxBodyBytes'
  >;
  /** Called once for each export request that is answered with anything but success. */
  readonly onRefused: (signal: Signal, reason: ReasonCode) => void;
  /** Absent = always available. */
  readonly availability?: Availability;
  readonly log: Log;
}

export interface Door {
  /** As listened on; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Takes no more, lets calls in flight finish for `graceMs`, then cuts them. */
  stop(graceMs: number): Promise<void>;
}

export interface Stored {
  readonly outcome: 'stored';
  readonly rejected: number;
  readonly message: string;
}

export interface Refusal {
  readonly outcome: 'refused';
  readonly reason: ReasonCode;
  readonly message: string;
  /** Only where waiting cures it; whole seconds, 1 to 10. */
  readonly retryAfterSeconds: number | undefined;
}

/** What a door tells its sender, before it is put into the words of its protocol. */
export type Answer = Stored | Refusal;

/** A refusal by the table; `message` defaults to the reason's own text. */
export function refuse(
  reason: ReasonCode,
  message: string = reasons[reason].text,
  retryAfterSeconds = RETRY_AFTER_SECONDS,
): Refusal {
  const hint = Math.min(Math.max(Math.ceil(retryAfterSeconds), 1), MAX_RETRY_AFTER_SECONDS);
  return {
    outcome: 'refused',
    reason,
    message: clipped(message),
    retryAfterSeconds: reasons[reason].isRetryable ? hint : undefined,
  };
}

/** Decodes a request and has it stored. `reservation` holds its bytes and is released by the caller; what the records take beside them is added to it. Never rejects: what is unexpected is logged and INTERNAL. */
export async function receive(
  options: DoorOptions,
  exporter: Exporter,
  signal: Signal,
  bytes: Uint8Array,
  decode: (signal: Signal, bytes: Uint8Array) => DecodedRequest,
  reservation: Reservation,
): Promise<Answer> {
  try {
    await decodeTurn(bytes.length);
    const request = decode(signal, bytes);
    if (!reservation.settle(bytes.length + recordBytes(request))) return refuse('overloaded');
    const result = await exporter.export(request, bytes.length);
    if (result.outcome === 'stored') return { ...result, message: clipped(result.message) };
    const reason = isReasonCode(result.reason) ? result.reason : 'internal';
    return refuse(reason, result.message, result.retryAfterSeconds);
  } catch (error) {
    if (error instanceof DecodeError) return refuse(error.code, `${error.message}. ${reasons[error.code].text}`);
    // The stack, not the message: a message may quote what was sent.
    options.log('export failed', {
      signal,
      error: error instanceof Error ? `${error.name} ${stackOf(error)}` : 'not an Error',
    });
    return refuse('internal');
  }
}

/** The smallest records take forty times their bytes: without this a flood of them would fit the limit and not the memory. */
function recordBytes({ records, spoiled, values }: DecodedRequest): number {
  return (records.length + spoiled.length) * RECORD_BYTES + values * VALUE_BYTES;
}

function stackOf(error: Error): string {
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return frames
    .slice(0, 6)
    .map((line) => line.trim())
    .join(' ');
}

/** At most MAX_MESSAGE_BYTES of well-formed text, so that it can be a header and fits what exporters read. */
function clipped(message: string): string {
  const bytes = Buffer.from(message.toWellFormed());
  if (bytes.length <= MAX_MESSAGE_BYTES) return bytes.toString();
  // A character cut in two reads as U+FFFD, which is cut off as well.
  return `${bytes
    .subarray(0, MAX_MESSAGE_BYTES - 8)
    .toString()
    .replace(/\ufffd+$/, '')}…`;
}
