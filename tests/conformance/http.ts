import http from 'node:http';

/** What came back, as it is: `fetch` hides the connection, sets headers of its own and follows redirects. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** Of the sender's end: the same port = the same connection. */
  readonly localPort: number | undefined;
}

export interface HttpRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: http.OutgoingHttpHeaders;
  /** Several parts are sent chunked, unless a content-length is given. */
  readonly body?: readonly (string | Uint8Array)[];
  /** Default: a connection for this request alone. */
  readonly agent?: http.Agent;
}

/** One exchange over plain HTTP/1.1. Rejects where the connection breaks. */
export function exchange(
  url: string,
  { method = 'POST', path, headers, body = [], agent }: HttpRequest,
): Promise<HttpAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = http.request({
      ...{ hostname, port, method, path },
      agent: agent ?? false,
      ...(headers === undefined ? {} : { headers }),
    });
    request.on('error', reject).on('response', (response) => {
      const localPort = response.socket.localPort;
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
      response.on('end', () => {
        const { statusCode = 0, headers: received } = response;
        resolve({ status: statusCode, headers: received, body: Buffer.concat(parts), localPort });
      });
    });
    for (const part of body) request.write(part);
    request.end();
  });
}
