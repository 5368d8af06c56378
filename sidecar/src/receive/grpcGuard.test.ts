import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { startGrpcDoor } from './grpcDoor.ts';
import { call, frame, oneResource, paths, rawCall } from './testing/grpcClient.ts';
import { recordingExporter, recordingOptions } from './testing/recordingExporter.ts';

describe('the token of the gRPC door (RFC 6750)', () => {
  it('is asked for before a message is read or inflated', async () => {
    const exporter = recordingExporter();
    const { options, refused } = recordingOptions({ otlpToken: 'a-token-of-the-door' });
    const door = await startGrpcDoor(options, exporter);
    const client = new Client(`${door.host}:${door.port}`, credentials.createInsecure());
    const withToken = (value: string) => {
      const metadata = new Metadata();
      metadata.set('authorization', value);
      return metadata;
    };
    expect((await call(client, paths.metrics, oneResource)).code).toBe(status.UNAUTHENTICATED);
    expect((await call(client, paths.metrics, oneResource, withToken('Bearer wrong'))).code).toBe(
      status.UNAUTHENTICATED,
    );
    // Would be INTERNAL, had it been inflated.
    expect((await rawCall(door, paths.metrics, frame(Buffer.from('no gzip'), true), 'gzip')).code).toBe(
      status.UNAUTHENTICATED,
    );
    expect((await call(client, paths.metrics, oneResource, withToken('bearer a-token-of-the-door'))).code).toBe(
      status.OK,
    );
    expect(refused).toEqual(new Array(3).fill(['metrics', 'unauthenticated']));
    client.close();
    await door.stop(0);
  });
});
