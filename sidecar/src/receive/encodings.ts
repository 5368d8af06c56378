import { reasons } from '@command-center/contract/reasons';
import { MAX_ENCODINGS_TOLD } from '../limits.ts';
import type { Log } from '../log.ts';

/** Says once for each compression that cannot be read that its sender loses data, and the setting that mends it. */
export function createEncodingWarning(log: Log, door: 'grpc' | 'http'): (encoding: string) => void {
  const told = new Set<string>();
  return (encoding) => {
    const name = /^[a-z0-9-]{1,20}$/.test(encoding) ? encoding : 'unnamed';
    if (told.has(name) || told.size >= MAX_ENCODINGS_TOLD) return;
    told.add(name);
    log('DATA IS LOST: a sender compresses in a way that is not read', {
      door,
      encoding: name,
      remedy: reasons.unsupported_encoding.text,
    });
  };
}
