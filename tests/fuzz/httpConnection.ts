import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface HttpRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly isChunked: boolean;
}

/** One keep-alive connection with pipelining (RFC 9112, 9.3.2): requests go out without waiting, answers come in their order. */
export interface HttpConnection {
  /** Rejects where the connection ends before the answer. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

interface Waiting {
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
}

export async function openConnection(url: string): Promise<HttpConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  const waiting: Waiting[] = [];
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    for (let parsed = parseAnswer(received); parsed !== undefined; parsed = parseAnswer(received)) {
      received = received.subarray(parsed.length);
      waiting.shift()?.resolve(parsed.answer);
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('the connection ended without an answer'));
  });
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        writeRequest(socket, request);
      }),
    close: () => socket.destroy(),
  };
}

function writeRequest(socket: Socket, { path, headers, body, isChunked }: HttpRequest): void {
  const framing = isChunked ? 'transfer-encoding: chunked' : `content-length: ${body.length}`;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.cork();
  socket.write(`POST ${path} HTTP/1.1\r\nhost: sidecar\r\n${lines.join('')}${framing}\r\n\r\n`);
  if (!isChunked) socket.write(body);
  else {
    const half = body.length >> 1;
    for (const part of [body.subarray(0, half), body.subarray(half)]) {
      if (part.length === 0) continue;
      socket.write(`${part.length.toString(16)}\r\n`);
      socket.write(part);
      socket.write('\r\n');
    }
    socket.write('0\r\n\r\n');
  }
  socket.uncork();
}

/** undefined: not all of it is there. */
function parseAnswer(bytes: Buffer): { readonly answer: HttpAnswer; readonly length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.replace(/^[^:]*:\s*/, '')]),
  );
  const length = end + 4 + Number(headers.get('content-length') ?? 0);
  if (bytes.length < length) return undefined;
  const status = Number(statusLine.split(' ')[1]);
  return { answer: { status, headers, body: Buffer.from(bytes.subarray(end + 4, length)) }, length };
}
