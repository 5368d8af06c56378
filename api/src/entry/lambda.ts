import { readFileSync, statSync } from 'node:fs';
import process from 'node:process';
import { SettingsError } from '@command-center/contract/settings/settings';
import { createApp } from '../app.ts';
import { equalInConstantTime } from '../auth/constantTime.ts';
import { refuse } from '../problems.ts';
import { withAwsSecrets } from './awsSecrets.ts';
import { type Connections, connect } from './connections.ts';
import { currentSql } from './currentSql.ts';
import { exportStoreOf } from './exportStore.ts';
import { gzip } from './gzip.ts';
import { requestOf } from './lambdaEvent.ts';
import { logLine, type RemoteSettings, readRemoteSettings } from './remoteSettings.ts';
import { version } from './version.ts';

/**
 * What the runtime gives a handler to answer with: not a stream of Node's, but an object with most of its methods.
 * Source: aws-lambda-nodejs-runtime-interface-client, src/ResponseStream.js.
 */
interface ResponseStream {
  /** False = wait for 'drain'. Takes Uint8Array and text; anything else it would write as JSON. */
  write(chunk: Uint8Array | string): boolean;
  end(onSent?: () => void): void;
  on(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
  readonly destroyed: boolean;
}

interface Prelude {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

/** Source: the same, src/UserFunction.js and src/HttpResponseStream.js. */
declare const awslambda: {
  streamifyResponse<H extends (event: unknown, stream: ResponseStream) => Promise<void>>(handler: H): H;
  readonly HttpResponseStream: { from(stream: ResponseStream, prelude: Prelude): ResponseStream };
};

/** A sandbox answers one request at a time: one for its statements, one for its audit row, one to spare. */
const maxConnections = 3;
const idleSeconds = 60;
/** A sandbox is frozen between requests: what was connected for longer than this without use may have died unseen, and costs less to make anew than to try. */
const renewAfterMs = 20_000;

const { settings, contract, databaseUrl } = await started();
let connections: Connections = connect(databaseUrl, maxConnections, idleSeconds);
let inFlight = 0;
let lastUsedAt = Date.now();

const app = createApp({
  ...{ sql: currentSql(() => connections.sql), settings, contract, version, log: logLine, gzip },
  exportStore: exportStoreOf(settings),
});

/** Answers requests of a function URL or an HTTP API (payload format 2.0) whose invoke mode is RESPONSE_STREAM. */
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  renew();
  inFlight += 1;
  try {
    const request = requestOf(event);
    await send(await answerOf(request), stream);
  } finally {
    inFlight -= 1;
    lastUsedAt = Date.now();
  }
});

/** A function's own address is public: what does not come through its CDN is refused before anything is done for it. */
async function answerOf(request: Request | undefined): Promise<Response> {
  if (request === undefined)
    return refuse({ code: 'invalid_parameter', detail: 'This is not a request of payload format 2.0.' });
  const { originSecret } = settings;
  const shown = request.headers.get('x-command-center-origin') ?? '';
  if (originSecret !== undefined && !equalInConstantTime(shown, originSecret))
    return refuse({ code: 'around_the_cdn', detail: 'The request did not come through the console.' });
  return app.fetch(request);
}

/** Fails the start of the sandbox: its log says why, in one line a variable. */
async function started(): Promise<RemoteSettings> {
  try {
    return await readRemoteSettings(await withAwsSecrets(process.env), { readFileSync, statSync });
  } catch (error) {
    if (error instanceof SettingsError) logLine({ level: 'error', event: 'settings_refused', message: error.message });
    throw error;
  }
}

function renew(): void {
  if (inFlight > 0 || Date.now() - lastUsedAt < renewAfterMs) return;
  connections.end(0).catch(() => undefined);
  connections = connect(databaseUrl, maxConnections, idleSeconds);
}

async function send(answer: Response, raw: ResponseStream): Promise<void> {
  const headers = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'set-cookie'));
  const prelude = { statusCode: answer.status, headers, cookies: answer.headers.getSetCookie() };
  const stream = awslambda.HttpResponseStream.from(raw, prelude);
  const gone = Promise.withResolvers<void>();
  let wake = (): void => undefined;
  let isGone = stream.destroyed;
  for (const event of ['close', 'error'] as const)
    stream.on(event, () => {
      isGone = true;
      gone.resolve();
      wake();
    });
  stream.on('drain', () => wake());
  // The head goes with the first write, also where nothing follows.
  stream.write('');
  for await (const chunk of answer.body ?? []) {
    if (isGone) return;
    if (stream.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (isGone) resolve();
    });
  }
  const sent = Promise.withResolvers<void>();
  stream.end(() => sent.resolve());
  await Promise.race([sent.promise, gone.promise]);
}
