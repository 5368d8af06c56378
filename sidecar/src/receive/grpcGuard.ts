import { type Metadata, ServerInterceptingCall, type ServerInterceptor, ServerListenerBuilder } from '@grpc/grpc-js';
import type { Signal } from '../decode/records.ts';
import type { BearerCheck } from './bearer.ts';
import { type Availability, type Refusal, refuse } from './door.ts';
import { GrpcGate, type Turn } from './grpcGate.ts';
import { grpcStatusOf } from './grpcStatus.ts';

export interface GuardOptions {
  /** undefined: not an export method; passes. */
  signalOf(path: string): Signal | undefined;
  readonly isAuthorized: BearerCheck;
  readonly availability: Availability | undefined;
  onRefused(signal: Signal, refusal: Refusal): void;
}

/** Stands before the export methods: decides by a call's metadata, before grpc-js reads or inflates a byte of its message, and lets it wait for its turn. */
export function createGuard({ signalOf, isAuthorized, availability, onRefused }: GuardOptions): ServerInterceptor {
  const gate = new GrpcGate();
  return (method, call) => {
    const signal = signalOf(method.path);
    if (signal === undefined) return new ServerInterceptingCall(call);
    let turn: Turn | undefined;
    const send = (refusal: Refusal): void => {
      onRefused(signal, refusal);
      call.sendStatus(grpcStatusOf(refusal));
    };
    const admit = (metadata: Metadata, next: (metadata: Metadata) => void): void => {
      if (!isAuthorized(metadata.get('authorization')[0]?.toString())) {
        send(refuse('unauthenticated'));
        return;
      }
      const unavailable = availability?.refusal();
      if (unavailable !== undefined) {
        send(refuse(unavailable));
        return;
      }
      turn = gate.enter(
        () => next(metadata),
        () => send(refuse('deadline_exceeded', 'the message did not arrive in time')),
      );
      if (turn === undefined) send(refuse('overloaded'));
    };
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata(admit)
      .withOnReceiveMessage((message, next) => {
        turn?.end();
        next(message);
      })
      .withOnCancel(() => turn?.end())
      .build();
    return new ServerInterceptingCall(call, { start: (next) => next(listener) });
  };
}
