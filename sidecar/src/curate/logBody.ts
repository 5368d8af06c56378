import { Buffer } from 'node:buffer';
import type { AttributeValue, KeyValue, KeyValueList } from '../decode/records.ts';
import { MAX_RENDERED_CHARACTERS } from './limits.ts';

/** What a log body says, and the fields beside it that the allowlist of attributes judges. */
export interface LogBody {
  readonly message: string;
  readonly fields: readonly KeyValue[];
}

/** Bodies of every kind (otlp-conformance item 25); of a key-value list `message` or `msg` is the message. Not redacted yet. */
export function readBody(body: AttributeValue): LogBody {
  if (!isKeyValueList(body)) return { message: rendered(body), fields: [] };
  const message = body.entries.find(({ key }) => key === 'message') ?? body.entries.find(({ key }) => key === 'msg');
  return { message: rendered(message?.value), fields: body.entries.filter((entry) => entry !== message) };
}

function rendered(value: AttributeValue): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : rendering(value, MAX_RENDERED_CHARACTERS);
}

/** A value as text: scalars as they are, bytes as base64, lists and maps as JSON, so that forbidden fields in them are found; at most `room` characters and a little. */
function rendering(value: AttributeValue, room: number): string {
  if (value instanceof Uint8Array) return base64(value, room);
  if (isKeyValueList(value)) {
    return joined(
      value.entries,
      room,
      '{}',
      (entry, left) => `${JSON.stringify(entry.key.slice(0, left))}:${inJson(entry.value, left)}`,
    );
  }
  if (isList(value)) return joined(value, room, '[]', inJson);
  return String(value);
}

function inJson(value: AttributeValue, room: number): string {
  if (value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, room));
  return value instanceof Uint8Array ? `"${base64(value, room)}"` : rendering(value, room);
}

function joined<T>(
  items: readonly T[],
  room: number,
  brackets: string,
  write: (item: T, left: number) => string,
): string {
  let text = brackets.charAt(0);
  for (const item of items) {
    if (text.length >= room) break;
    text += `${text.length > 1 ? ',' : ''}${write(item, room - text.length)}`;
  }
  return text + brackets.charAt(1);
}

function base64(bytes: Uint8Array, room: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, room)).toString('base64');
}

function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}

function isKeyValueList(value: AttributeValue): value is KeyValueList {
  return typeof value === 'object' && !(value instanceof Uint8Array) && !isList(value);
}
