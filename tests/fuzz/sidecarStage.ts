import { gzipSync } from 'node:zlib';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import postgres, { type Sql } from 'postgres';
import type { Ended } from '../processes/child.ts';
import { type SidecarProcess, startSidecar } from '../processes/sidecar.ts';
import { partialSuccessOf } from './answers.ts';

/** A sidecar process of its own, whose memory can be read, over a database of its own. */
export interface SidecarStage {
  readonly sidecar: SidecarProcess;
  readonly sql: Sql;
  /** Ends the sidecar; what it said in its life. */
  close(): Promise<Ended>;
}

export async function openSidecar(environment: Readonly<Record<string, string>> = {}): Promise<SidecarStage> {
  const database = await freshDatabase();
  const sidecar = await startSidecar(database.url, environment);
  const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
  return {
    sidecar,
    sql,
    close: async () => {
      await sql.end();
      const ended = await sidecar.stop();
      await database.drop();
      return ended;
    },
  };
}

export interface Posted {
  readonly status: number;
  readonly rejected: number;
  readonly message: string;
  /** Seconds; NaN = no hint. */
  readonly retryAfter: number;
}

/** Sends protobuf, compressed by default, and reads the answer as a sender does. */
export async function postProtobuf(
  { http }: Pick<SidecarProcess, 'http'>,
  signal: 'metrics' | 'logs' | 'traces',
  body: Buffer,
  isCompressed = true,
): Promise<Posted> {
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': isCompressed ? 'gzip' : 'identity' };
  const sent = new Uint8Array(isCompressed ? gzipSync(body, { level: 1 }) : body);
  const answer = await fetch(`${http}/v1/${signal}`, { method: 'POST', headers, body: sent });
  const received = Buffer.from(await answer.arrayBuffer());
  const success = answer.ok ? partialSuccessOf('protobuf', received) : { rejected: 0, message: '' };
  return { status: answer.status, ...success, retryAfter: Number(answer.headers.get('retry-after') ?? Number.NaN) };
}
