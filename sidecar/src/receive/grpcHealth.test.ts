import { Client, type ClientReadableStream, credentials, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { Availability } from './door.ts';
import { startGrpcDoor } from './grpcDoor.ts';
import { call, healthRequest, paths } from './testing/grpcClient.ts';
import { recordingExporter, recordingOptions } from './testing/recordingExporter.ts';

/** What lies behind the door, as the test says. */
function switched(): Availability & { set(isReady: boolean): void } {
  let isReady = true;
  const listeners: (() => void)[] = [];
  return {
    isReady: () => isReady,
    refusal: () => (isReady ? undefined : 'database_unavailable'),
    onChange: (listener) => listeners.push(listener),
    set: (next) => {
      isReady = next;
      for (const listener of listeners) listener();
    },
  };
}

describe('grpc.health.v1', () => {
  it('says NOT_SERVING while nothing can be stored, and tells watchers of each change', async () => {
    const { options } = recordingOptions();
    const availability = switched();
    const door = await startGrpcDoor({ ...options, availability }, recordingExporter());
    const client = new Client(`${door.host}:${door.port}`, credentials.createInsecure());
    const asIs = (bytes: Buffer) => bytes;
    const watch = (service: string): number[] => {
      const seen: number[] = [];
      client
        .makeServerStreamRequest('/grpc.health.v1.Health/Watch', asIs, asIs, healthRequest(service))
        .on('data', (bytes: Buffer) => seen.push(bytes[1] ?? 0))
        .on('error', () => undefined);
      return seen;
    };
    const all = watch('');
    const one = watch('opentelemetry.proto.collector.metrics.v1.MetricsService');
    const unknown = watch('other');
    await expect.poll(() => [all, one, unknown]).toEqual([[1], [1], [3]]);
    availability.set(false);
    await expect
      .poll(() => [all, one])
      .toEqual([
        [1, 2],
        [1, 2],
      ]);
    expect((await call(client, '/grpc.health.v1.Health/Check', healthRequest(''))).bytes).toEqual(Buffer.from([8, 2]));
    expect((await call(client, paths.logs, Buffer.alloc(0))).code).toBe(status.UNAVAILABLE);
    availability.set(true);
    await expect.poll(() => [all, one, unknown]).toEqual([[1, 2, 1], [1, 2, 1], [3]]);
    client.close();
    await door.stop(0);
  });

  it('answers Check for the server and each service, and NOT_FOUND for others', async () => {
    const { options } = recordingOptions({ otlpToken: 'a-token-of-the-door' });
    const door = await startGrpcDoor(options, recordingExporter());
    const client = new Client(`${door.host}:${door.port}`, credentials.createInsecure());
    const check = (service: string) => call(client, '/grpc.health.v1.Health/Check', healthRequest(service));
    expect(await check('')).toEqual({ code: status.OK, bytes: Buffer.from([8, 1]) });
    expect((await check('opentelemetry.proto.collector.logs.v1.LogsService')).bytes).toEqual(Buffer.from([8, 1]));
    expect((await check('other')).code).toBe(status.NOT_FOUND);
    client.close();
    await door.stop(0);
  });

  it('tells watchers NOT_SERVING when the door stops, and ends their calls', async () => {
    const { options } = recordingOptions();
    const door = await startGrpcDoor(options, recordingExporter());
    const client = new Client(`${door.host}:${door.port}`, credentials.createInsecure());
    const asIs = (bytes: Buffer) => bytes;
    const watch: ClientReadableStream<Buffer> = client.makeServerStreamRequest(
      '/grpc.health.v1.Health/Watch',
      asIs,
      asIs,
      healthRequest(''),
    );
    const seen: number[] = [];
    watch.on('data', (bytes: Buffer) => seen.push(bytes[1] ?? 0)).on('error', () => undefined);
    const ended = new Promise((resolve) => watch.on('end', resolve));
    await expect.poll(() => seen).toEqual([1]);
    await door.stop(5_000);
    await ended;
    expect(seen).toEqual([1, 2]);
    client.close();
  });
});
