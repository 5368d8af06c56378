import { isLoopback } from '@command-center/contract/loopback';
import { limits } from '../../limits.ts';
import { ProviderAwayError } from './providerAway.ts';

const serverError = 500;
const tooManyRequests = 429;

/** `fetch` towards the identity provider, bounded in time, size and number; its bodies are whole. Throws ProviderAwayError alone. */
export type ProviderFetch = (url: string, init: ProviderRequest) => Promise<Response>;

interface ProviderRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestInit['body'] | undefined;
}

export function createProviderFetch(): ProviderFetch {
  let inFlight = 0;
  return async (url, init) => {
    if (!isPrivate(url)) throw new ProviderAwayError('its discovery document names an address without TLS');
    if (inFlight >= limits.identityRequests) throw new ProviderAwayError('too many requests are waiting for it');
    inFlight += 1;
    try {
      return await answerOf(url, init);
    } catch (error) {
      if (error instanceof ProviderAwayError) throw error;
      throw new ProviderAwayError(`it does not answer (${causeOf(error)})`);
    } finally {
      inFlight -= 1;
    }
  };
}

/** Whether nobody on the way can read or change it. */
export function isPrivate(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

async function answerOf(
  url: string,
  { method, headers: sent, body: content = null }: ProviderRequest,
): Promise<Response> {
  const signal = AbortSignal.timeout(limits.identityRequestMs);
  const init = { method, headers: sent, body: content, redirect: 'manual', signal } as const;
  const { status, headers, body } = await fetch(url, init);
  if (status >= serverError || status === tooManyRequests) {
    await body?.cancel();
    throw new ProviderAwayError(`it answers with status ${status}`);
  }
  const bytes = await wholeBody(body);
  return new Response(bytes.size === 0 ? null : bytes, { status, headers });
}

async function wholeBody(body: ReadableStream<Uint8Array<ArrayBuffer>> | null): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    // Leaving the loop cancels the stream.
    if (size > limits.identityAnswerBytes) throw new ProviderAwayError('its answer is too long');
    parts.push(part);
  }
  return new Blob(parts);
}

/** A code, or the name of the error: messages may hold addresses. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  if (typeof cause === 'object' && cause !== null && 'code' in cause) return String(cause.code);
  return error.name;
}
