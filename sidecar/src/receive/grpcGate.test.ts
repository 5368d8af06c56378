import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GRPC_READ_TIMEOUT_MS, MAX_GRPC_READING, MAX_GRPC_WAITING } from '../limits.ts';
import { GrpcGate } from './grpcGate.ts';

describe('messages being received over gRPC', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it(`are ${MAX_GRPC_READING} at once, ${MAX_GRPC_WAITING} wait their turn in order, and one more is sent away`, () => {
    const gate = new GrpcGate();
    const begun: number[] = [];
    const turns = Array.from({ length: MAX_GRPC_READING + MAX_GRPC_WAITING }, (_, index) =>
      gate.enter(() => begun.push(index), vi.fn()),
    );
    expect(begun).toEqual(Array.from({ length: MAX_GRPC_READING }, (_, index) => index));
    expect(gate.enter(vi.fn(), vi.fn())).toBeUndefined();
    turns[3]?.end();
    turns[3]?.end();
    expect(begun.at(-1)).toBe(MAX_GRPC_READING);
    expect(begun).toHaveLength(MAX_GRPC_READING + 1);
    expect(gate.enter(vi.fn(), vi.fn())).toBeDefined();
    for (const turn of turns) turn?.end();
    const later = vi.fn();
    gate.enter(later, vi.fn());
    expect(later).toHaveBeenCalledOnce();
  });

  it('lose their place when they leave before their turn', () => {
    const gate = new GrpcGate();
    const turns = Array.from({ length: MAX_GRPC_READING }, () => gate.enter(vi.fn(), vi.fn()));
    const gone = vi.fn();
    gate.enter(gone, vi.fn())?.end();
    const next = vi.fn();
    gate.enter(next, vi.fn());
    turns[0]?.end();
    expect(gone).not.toHaveBeenCalled();
    expect(next).toHaveBeenCalledOnce();
  });

  it('are told when they take too long, counted from their turn', () => {
    const gate = new GrpcGate();
    const expire = vi.fn();
    gate.enter(vi.fn(), expire);
    vi.advanceTimersByTime(GRPC_READ_TIMEOUT_MS - 1);
    expect(expire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(expire).toHaveBeenCalledOnce();
  });
});
