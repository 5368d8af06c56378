import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { liveClose } from '@command-center/contract/live';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { Client, type Wish } from './client.ts';
import { MAX_UNREAD_BYTES, PING_EVERY_MS, SUBSCRIBE_WITHIN_MS, UNREAD_FOR_MS } from './limits.ts';

/** A socket whose other end does what the test says. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  pings = 0;
  readonly sent: string[] = [];
  code: number | undefined;

  send(frame: Buffer): void {
    this.sent.push(String(frame));
  }
  ping(): void {
    this.pings += 1;
  }
  close(code: number): void {
    this.code = code;
  }
  terminate(): void {
    this.readyState = 3;
    this.emit('close', this.code ?? 1006);
  }
}

let socket: FakeSocket;
let client: Client;
let wishes: Wish[];
let ends: string[];

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeSocket();
  wishes = [];
  ends = [];
  client = new Client(socket as unknown as WebSocket, new PassThrough(), {
    onWish: (_, wish) => wishes.push(wish),
    onGone: (_, cause) => ends.push(cause),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const frame = Buffer.from('{}');

describe('a browser that never reads', () => {
  it('is sent no more once too much lies unread, and a snapshot is due when it has read all', () => {
    client.send([frame]);
    socket.bufferedAmount = MAX_UNREAD_BYTES + 1;
    client.send([frame]);
    client.send([frame]);
    expect(socket.sent).toHaveLength(1);
    expect(client.hasCaughtUp(0)).toBe(false);
    socket.bufferedAmount = 0;
    expect(client.hasCaughtUp(1_000)).toBe(true);
    expect(client.hasCaughtUp(1_001)).toBe(false);
    client.send([frame]);
    expect(socket.sent).toHaveLength(2);
  });

  it('is cut after half a minute, without a handshake that it would have to read', () => {
    socket.bufferedAmount = MAX_UNREAD_BYTES + 1;
    client.send([frame]);
    expect(client.hasCaughtUp(0)).toBe(false);
    expect(client.hasCaughtUp(UNREAD_FOR_MS)).toBe(false);
    expect(ends).toEqual([]);
    expect(client.hasCaughtUp(UNREAD_FOR_MS + 1)).toBe(false);
    expect(ends).toEqual(['slow']);
  });
});

describe('a browser that is gone without a word', () => {
  it('is found out by two pings', () => {
    client.admit(3_600_000, 1000, '');
    vi.advanceTimersByTime(PING_EVERY_MS);
    socket.emit('pong');
    vi.advanceTimersByTime(PING_EVERY_MS);
    expect([socket.pings, ends]).toEqual([2, []]);
    vi.advanceTimersByTime(PING_EVERY_MS);
    expect(ends).toEqual(['silent']);
  });

  it('is cut where it does not answer a close', () => {
    client.close(liveClose.refused, '');
    expect([socket.code, ends]).toEqual([liveClose.refused, []]);
    vi.advanceTimersByTime(SUBSCRIBE_WITHIN_MS);
    expect(ends).toEqual(['refused']);
  });
});

describe('what it says', () => {
  it('is read once it is whole and of the contract', () => {
    socket.emit('message', Buffer.from('{"type":"subscribe","ticket":"t","topics":["voice"]}'), false);
    expect(wishes).toEqual([{ ticket: 't', topics: ['voice'] }]);
  });

  it('comes to nothing where it says nothing: closed after 5 s, which an admitted one is not', () => {
    vi.advanceTimersByTime(SUBSCRIBE_WITHIN_MS);
    expect(socket.code).toBe(liveClose.late);
  });

  it('an admitted one lives as long as it was admitted for', () => {
    client.admit(10_000, liveClose.ended, '');
    vi.advanceTimersByTime(9_999);
    expect(socket.code).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(socket.code).toBe(liveClose.ended);
  });

  it('an error of the socket is no error of ours', () => {
    socket.emit('error', new Error('reset'));
    socket.emit('close', 1006);
    expect(ends).toEqual(['broken']);
  });
});
