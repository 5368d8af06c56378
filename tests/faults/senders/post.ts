import { encodeRequest } from './encode.ts';
import type { Request } from './laneSender.ts';

/** True = acknowledged, false = to be sent again (OTLP: no answer, 429, 502, 503, 504). @throws Error on what no retry cures. */
export async function post({ lane, items, isJson }: Request, url: string, patienceMs: number): Promise<boolean> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(`${url}/v1/${lane.signal}`, {
      method: 'POST',
      headers: { 'content-type': isJson ? 'application/json' : 'application/x-protobuf' },
      body: encodeRequest(lane, items, isJson),
      signal: AbortSignal.timeout(patienceMs),
    });
    text = await answer.text();
  } catch {
    return false;
  }
  if ([429, 502, 503, 504].includes(answer.status)) return false;
  // A success without partial_success is an empty message.
  if (answer.status === 200 && (text === '' || text === '{}')) return true;
  throw new Error(`${lane.service}: the sidecar answered ${answer.status} ${text}`);
}
