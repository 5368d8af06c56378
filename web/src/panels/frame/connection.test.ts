import { describe, expect, it } from 'vitest';
import { type ConnectionFacts, connectionOf } from './connection.ts';

const facts: ConnectionFacts = {
  state: { type: 'off' },
  isPaused: false,
  hasLiveUrl: true,
  cadenceMs: 10_000,
  ignored: 0,
  nowMs: 1_000,
};
const words = (change: Partial<ConnectionFacts>) => {
  const { mark, text, trouble } = connectionOf({ ...facts, ...change });
  const sentence = trouble === null ? null : `${trouble.what}, ${trouble.next}`;
  return [`${mark} ${text}`, sentence].map((one) => one?.replaceAll('\u00a0', ' ') ?? null);
};

describe('what the header says of how data comes', () => {
  it.each<readonly [string, Partial<ConnectionFacts>, string, string | null]>([
    ['live', { state: { type: 'live', sinceMs: 0 } }, '● live', null],
    ['on its way', { state: { type: 'connecting' } }, '⟳ connecting', null],
    [
      'lost',
      { state: { type: 'lost', wasLive: true, nextTryAtMs: 8_500 } },
      '⟳ 10 s · polling',
      'Live connection lost, next try in 8 s',
    ],
    [
      'tried again',
      { state: { type: 'lost', wasLive: true, nextTryAtMs: null } },
      '⟳ 10 s · polling',
      'Live connection lost, trying now',
    ],
    [
      'not there',
      { state: { type: 'lost', wasLive: false, nextTryAtMs: 8_500 } },
      '⟳ 10 s · polling',
      'No live connection, next try in 8 s',
    ],
    ['not configured', { hasLiveUrl: false }, '⟳ 10 s · polling', null],
    ['paused', { isPaused: true }, '▷ paused', null],
  ])('%s', (_, change, text, trouble) => {
    expect(words(change)).toEqual([text, trouble]);
  });

  it('names the setting where no live URL is configured, and only there', () => {
    expect(connectionOf({ ...facts, hasLiveUrl: false }).title).toContain('COMMAND_CENTER_LIVE_URL');
    expect(connectionOf({ ...facts, hasLiveUrl: null }).title).not.toContain('COMMAND_CENTER_LIVE_URL');
  });

  it('says how many frames were left out', () => {
    const state = { type: 'live', sinceMs: 0 } as const;
    expect(connectionOf({ ...facts, state, ignored: 3 }).title).toContain('3 messages were not understood');
  });

  it('flashes for what is live and what is lost, not for the way to it', () => {
    const wordOf = (state: ConnectionFacts['state']) => connectionOf({ ...facts, state }).word;
    expect([
      wordOf({ type: 'connecting' }),
      wordOf({ type: 'live', sinceMs: 0 }),
      wordOf({ type: 'lost', wasLive: true, nextTryAtMs: null }),
    ]).toEqual([null, 'live', 'lost']);
  });
});
