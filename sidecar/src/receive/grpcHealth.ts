import { grpcStatus } from '@command-center/contract/reasons';
import type {
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import { MAX_HEALTH_WATCHERS } from '../limits.ts';
import { type Availability, refuse } from './door.ts';
import { grpcStatusOf } from './grpcStatus.ts';

/** grpc.health.v1 (health.proto): HealthCheckRequest{service: 1}, HealthCheckResponse{status: 1}. */
const servingStatus = { serving: 1, notServing: 2, serviceUnknown: 3 } as const;
type ServingStatus = (typeof servingStatus)[keyof typeof servingStatus];

const request = { requestSerialize: (bytes: Buffer) => bytes, requestDeserialize: (bytes: Buffer) => bytes };
const response = { responseSerialize: (bytes: Buffer) => bytes, responseDeserialize: (bytes: Buffer) => bytes };

export const healthService: ServiceDefinition = {
  Check: { path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false, ...request, ...response },
  Watch: { path: '/grpc.health.v1.Health/Watch', requestStream: false, responseStream: true, ...request, ...response },
};

export interface Health {
  readonly handlers: UntypedServiceImplementation;
  /** Tells every watcher NOT_SERVING and ends its call. */
  stop(): void;
}

type Watcher = ServerWritableStream<Buffer, Buffer>;

/** Health of the whole server ('') and of each of `services`, which stand and fall together with what lies behind the door. */
export function createHealth(services: readonly string[], availability: Availability | undefined): Health {
  const known = new Set(['', ...services]);
  const watchers = new Set<Watcher>();
  /** Of services that are not here. */
  const strangers = new Set<Watcher>();
  const forget = (watcher: Watcher): void => {
    watchers.delete(watcher);
    strangers.delete(watcher);
  };
  let isStopping = false;
  const serving = (): ServingStatus =>
    isStopping || availability?.isReady() === false ? servingStatus.notServing : servingStatus.serving;
  let told = serving();
  const tell = (): void => {
    const current = serving();
    if (current === told) return;
    told = current;
    for (const watcher of watchers) watcher.write(responseOf(current));
  };
  availability?.onChange(tell);
  const check = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const service = serviceOf(call.request);
    if (service === undefined) callback(grpcStatusOf(refuse('undecodable', 'not a HealthCheckRequest')));
    else if (known.has(service)) callback(null, responseOf(serving()));
    else callback({ code: grpcStatus.notFound, details: 'unknown service' });
  };
  const watch = (call: Watcher): void => {
    const service = serviceOf(call.request);
    if (watchers.size + strangers.size >= MAX_HEALTH_WATCHERS || service === undefined) {
      call.end();
      return;
    }
    call.write(responseOf(known.has(service) ? serving() : servingStatus.serviceUnknown));
    // A service that is unknown stays so.
    if (!known.has(service)) strangers.add(call);
    else watchers.add(call);
    call.on('cancelled', () => forget(call)).on('close', () => forget(call));
  };
  return {
    handlers: { Check: check, Watch: watch },
    stop: () => {
      isStopping = true;
      tell();
      for (const watcher of [...watchers, ...strangers]) watcher.end();
      watchers.clear();
      strangers.clear();
    },
  };
}

/** undefined: not protobuf. */
function serviceOf(bytes: Buffer): string | undefined {
  const reader = protobuf.Reader.create(bytes);
  let service = '';
  try {
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      if (tag === 0x0a) service = reader.string();
      else reader.skipType(tag & 7);
    }
  } catch {
    return undefined;
  }
  return service;
}

function responseOf(serving: ServingStatus): Buffer {
  return Buffer.from([0x08, serving]);
}
