import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import process from 'node:process';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

/**
 * A sandbox of AWS Lambda with a function URL before it: `node lambdaProcess.ts <bundle>`. Loads the bundle as the runtime does, and answers HTTP by
 * events of payload format 2.0, one at a time, as a sandbox does. Prints one line of JSON with its port, or ends with code 1 where the bundle does
 * not load.
 * Sources: AWS Lambda developer guide, "Invoking Lambda function URLs" (the event) and "Response streaming for Lambda functions"; for the stream,
 * github.com/aws/aws-lambda-nodejs-runtime-interface-client, src/ResponseStream.js and src/HttpResponseStream.js.
 */

type Handler = (event: unknown, stream: object, context: object) => Promise<void>;

const streaming = Symbol('streaming');
const contentType = 'application/vnd.awslambda.http-integration-response';
/** Between the prelude and the body. */
const delimiter = Buffer.alloc(8);

interface RawStream {
  setContentType(type: string): void;
  _onBeforeFirstWrite: ((write: (chunk: Uint8Array | string) => void) => void) | undefined;
}

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: Handler) => Object.assign(handler, { [streaming]: true }),
    HttpResponseStream: {
      from(stream: RawStream, prelude: object) {
        stream.setContentType(contentType);
        stream._onBeforeFirstWrite = (write) => {
          write(JSON.stringify(prelude));
          write(delimiter);
        };
        return stream;
      },
    },
  },
});

const given = [
  'cork',
  'destroy',
  'end',
  'uncork',
  'addListener',
  'emit',
  'off',
  'on',
  'once',
  'removeListener',
] as const;
const shown = [
  'destroyed',
  'writable',
  'writableFinished',
  'writableEnded',
  'writableNeedDrain',
  'writableLength',
] as const;

/** No stream of Node's: an object with most of its methods, which writes as JSON what it does not know. */
function responseStream(transport: Writable): object {
  let hasWritten = false;
  const stream: Record<string, unknown> = Object.fromEntries(
    given.map((name) => [name, transport[name].bind(transport)]),
  );
  for (const name of shown) Object.defineProperty(stream, name, { get: () => transport[name] });
  stream.setContentType = (type: string) => {
    if (hasWritten || type !== contentType) throw new Error(`too late, or not HTTP: ${type}`);
  };
  stream.write = (chunk: unknown, encoding?: unknown, callback?: () => void) => {
    const isPlain = typeof chunk === 'string' || Buffer.isBuffer(chunk) || chunk?.constructor === Uint8Array;
    const bytes = isPlain ? (chunk as string | Uint8Array) : JSON.stringify(chunk);
    const before = stream._onBeforeFirstWrite;
    if (!hasWritten && typeof before === 'function') before((part: Uint8Array | string) => transport.write(part));
    hasWritten = true;
    return transport.write(bytes, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8', callback);
  };
  return stream;
}

interface Prelude {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

/** What stands between the runtime and the client: cuts the prelude off and answers with it. */
function transportTo(response: ServerResponse): Writable {
  let head: Buffer | undefined = Buffer.alloc(0);
  const transport = new Writable({
    write(chunk: Buffer, _encoding, done) {
      let body = chunk;
      if (head !== undefined) {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf(delimiter);
        if (end === -1) return done();
        const { statusCode, headers, cookies } = JSON.parse(head.subarray(0, end).toString()) as Prelude;
        response.writeHead(statusCode, { ...headers, 'set-cookie': [...cookies] });
        response.flushHeaders();
        body = head.subarray(end + delimiter.length);
        head = undefined;
      }
      if (body.length === 0 || response.write(body)) return done();
      response.once('drain', () => done());
    },
    final(done) {
      if (head !== undefined) response.writeHead(502);
      response.end();
      done();
    },
  });
  response.on('close', () => transport.destroy());
  return transport;
}

async function eventOf(request: IncomingMessage): Promise<object> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const { cookie, host, ...others } = request.headers;
  const headers = Object.fromEntries(
    Object.entries({ ...others, host: host ?? '', 'x-forwarded-proto': 'https' }).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  );
  const isText = /^(text\/|application\/(json|javascript|xml))/.test(headers['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers,
    requestContext: {
      accountId: 'anonymous',
      apiId: 'function',
      domainName: host ?? 'localhost',
      http: { method: request.method, path: pathname, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
      requestId: crypto.randomUUID(),
      routeKey: '$default',
      stage: '$default',
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

const [, , bundle = ''] = process.argv;
const startedAt = performance.now();
const loaded: { handler: Handler } = await import(pathToFileURL(bundle).href);
const initMs = performance.now() - startedAt;
if (!(streaming in loaded.handler)) throw new Error('the handler does not stream');
let last: Promise<unknown> = Promise.resolve();
const server = createServer((request, response) => {
  const answer = async (): Promise<void> => {
    const stream = responseStream(transportTo(response));
    await loaded.handler(await eventOf(request), stream, { awsRequestId: crypto.randomUUID() });
  };
  last = last.then(answer).catch((error: unknown) => {
    process.stderr.write(`handler failed: ${error instanceof Error ? error.stack : error}\n`);
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  process.stdout.write(`${JSON.stringify({ event: 'listen', port: address.port, initMs })}\n`);
});
