import { colourOf, type ThresholdName, thresholdNames, thresholds } from '@command-center/contract/thresholds';
import { describe, expect, it } from 'vitest';
import { signLook } from './states.ts';

/** Per threshold: what is green, the least yellow, the most yellow, what is red (contract.md §5). */
const edges: Readonly<Partial<Record<ThresholdName, readonly [number, number, number, number]>>> = {
  DB_POOL: [69.9, 70, 90, 90.1],
  DB_QUERY_P95: [99.9, 100, 500, 500.1],
  VOICE_JOIN_SUCCESS: [95.1, 95, 80, 79.9],
  VOICE_PACKET_LOSS_P95: [1.9, 2, 5, 5.1],
  VOICE_JITTER_P95: [29.9, 30, 50, 50.1],
  OTEL_EXPORT_FAILURE: [0.9, 1, 5, 5.1],
  OTEL_DROPPED_SPANS: [0, 1, 100, 101],
  OTEL_QUEUE: [49.9, 50, 90, 90.1],
  PROCESS_MEMORY: [69.9, 70, 90, 90.1],
};

describe('a value is marked by shape and word as its threshold says', () => {
  it.each(Object.entries(edges))('%s', (name, values) => {
    const threshold = thresholdNames.filter((one) => one === name).map((one) => thresholds[one])[0];
    if (threshold === undefined) throw new Error(`${name} is no threshold`);
    const looks = values.map((value) => signLook(colourOf(threshold, value)));
    expect(looks.map((look) => `${look?.mark} ${look?.word}`)).toEqual(['● green', '▲ yellow', '▲ yellow', '■ red']);
  });

  it('what is not known has no mark', () => {
    expect(signLook(colourOf(thresholds.DB_POOL, null))).toBeNull();
    expect(signLook(colourOf(thresholds.VOICE_JOIN_SUCCESS, 50, 19))).toBeNull();
  });
});
