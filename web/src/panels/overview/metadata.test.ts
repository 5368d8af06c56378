import { noVoice } from '@command-center/contract/api/summary';
import { describe, expect, it } from 'vitest';
import { metadataParts } from './metadata.ts';

const unknown = { service: null, version: null, environment: null, uptime_s: null, users_active: null, guilds: null };
const nothing = { metadata: unknown, voice: noVoice, audit_failures: 0 };
const voice = (active_sessions: number | null, active_rooms: number | null) =>
  metadataParts({ ...nothing, voice: { ...noVoice, active_sessions, active_rooms } });

describe('the strip below the first screen says what is known, and nothing of what is not', () => {
  it('nothing', () => {
    expect(metadataParts(nothing)).toEqual([]);
  });

  it('what runs, since when, and for whom', () => {
    const metadata = {
      ...unknown,
      service: 'checkout',
      version: '4.2.0',
      uptime_s: 529_200,
      users_active: 1_204,
      guilds: 88,
    };
    expect(metadataParts({ ...nothing, metadata })).toEqual([
      'checkout 4.2.0',
      'up 6\u00a0d 3\u00a0h',
      '1,204 users',
      '88 guilds',
    ]);
  });

  it('who talks, by what an SFU reports; zero is said', () => {
    expect(voice(31, 7)).toEqual(['31 in 7 voice rooms']);
    expect(voice(2, 1)).toEqual(['2 in 1 voice room']);
    expect(voice(0, 0)).toEqual(['0 in 0 voice rooms']);
    expect(voice(31, null)).toEqual(['31 in voice']);
    expect(voice(null, 1)).toEqual(['1 voice room']);
  });

  it('that the audit log has gaps', () => {
    expect(metadataParts({ ...nothing, audit_failures: 2 })).toEqual(['2 views could not be written to the audit log']);
  });
});
