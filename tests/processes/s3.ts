import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';

/** The credentials that s3rver knows; it knows no others. */
export const s3Credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' } as const;

/** A server that speaks S3, on loopback. */
export interface S3Server {
  /** `http://127.0.0.1:9000`; its buckets are addressed by path. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Nobody listens any more. Stopped twice does nothing. */
  stop(): Promise<void>;
  /** Again, on the same port. */
  start(): Promise<void>;
  /** Stops it and removes what it stored. */
  close(): Promise<void>;
}

/** Starts a server with one empty bucket, on a free port. */
export async function startS3(bucket = 'of-tests'): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'command-center-s3-'));
  let port = 0;
  let running: S3rver | undefined;
  const start = async (): Promise<void> => {
    const server = new S3rver({
      address: '127.0.0.1',
      port,
      directory,
      silent: true,
      configureBuckets: [{ name: bucket, configs: [] }],
    });
    ({ port } = await server.run());
    running = server;
  };
  const stop = async (): Promise<void> => {
    const server = running;
    running = undefined;
    await server?.close();
  };
  await start();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    bucket,
    start,
    stop,
    close: async () => {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
