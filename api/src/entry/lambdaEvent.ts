import { z } from 'zod';

/**
 * A request as function URLs and HTTP APIs hand it over. Values of one header stand in one text with commas between, cookies apart from the headers.
 * Source: AWS Lambda developer guide, "Invoking Lambda function URLs", payload format version 2.0.
 */
const requestEvent = z.object({
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  cookies: z.array(z.string()).optional(),
  headers: z.record(z.string(), z.string()).default({}),
  requestContext: z.object({ domainName: z.string().optional(), http: z.object({ method: z.string() }) }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
});

const withoutBody: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** The request of an event; undefined for an event that is none (a schedule, a queue) and for a request that the web standard does not know. */
export function requestOf(event: unknown): Request | undefined {
  const parsed = requestEvent.safeParse(event);
  if (!parsed.success) return undefined;
  const { rawPath, rawQueryString, cookies, headers, requestContext, body, isBase64Encoded } = parsed.data;
  const { method } = requestContext.http;
  const host = requestContext.domainName ?? headers.host ?? 'localhost';
  // An HTTP API decodes the path: what would end it here was part of it.
  const path = rawPath.replaceAll('?', '%3F').replaceAll('#', '%23');
  const url = `https://${host}${path}${rawQueryString === '' ? '' : `?${rawQueryString}`}`;
  try {
    const sent = new Headers();
    for (const [name, value] of Object.entries(headers)) sent.set(name, byteText(value));
    if (cookies !== undefined) sent.set('cookie', byteText(cookies.join('; ')));
    if (body === undefined || withoutBody.has(method)) return new Request(url, { method, headers: sent });
    return new Request(url, { method, headers: sent, body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') });
  } catch {
    return undefined;
  }
}

/** Header values are bytes to the web standard, a character each; Node's server reads them so too. */
function byteText(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}
