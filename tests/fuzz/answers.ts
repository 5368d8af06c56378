import type { Format } from './inputs.ts';
import { parseWire, type WireField } from './wireTree.ts';

/** Answers of OTLP read without the product's own code. */

export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

const nothingRejected: PartialSuccess = { rejected: 0, message: '' };

/** Of an Export*ServiceResponse. @throws on bytes that are none. */
export function partialSuccessOf(format: Format, body: Buffer): PartialSuccess {
  return format === 'json' ? partialSuccessOfJson(body.toString()) : partialSuccessOfProtobuf(body);
}

function partialSuccessOfJson(text: string): PartialSuccess {
  const { partialSuccess } = JSON.parse(text);
  if (partialSuccess === undefined) return nothingRejected;
  const { errorMessage: message = '', ...counts } = partialSuccess;
  // int64: a string in JSON.
  const [count = '0'] = Object.values<unknown>(counts);
  if (typeof count !== 'string' || typeof message !== 'string') throw new Error('no partial success');
  return { rejected: Number(count), message };
}

function partialSuccessOfProtobuf(body: Buffer): PartialSuccess {
  const [response] = messageOf(body);
  if (response === undefined) return nothingRejected;
  const fields = response.children ?? [];
  const count = fields.find((node): node is WireField => 'field' in node && node.field === 1);
  const message = fields.find((node): node is WireField => 'field' in node && node.field === 2);
  return { rejected: Number(count?.varint ?? 0n), message: message?.bytes?.toString() ?? '' };
}

/** The code of a google.rpc.Status. */
export function statusCodeOf(format: Format, body: Buffer): number {
  if (format === 'json') return JSON.parse(body.toString()).code;
  return Number(messageOf(body).find(({ field }) => field === 1)?.varint ?? Number.NaN);
}

function messageOf(body: Buffer): WireField[] {
  const fields = parseWire(body);
  if (fields === undefined) throw new Error('no protobuf message');
  return fields;
}
