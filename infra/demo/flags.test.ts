import { describe, expect, it } from 'vitest';
import { parseFlags } from './flags.ts';

describe("the demo's flags", () => {
  it('have defaults that need no thought', () => {
    expect(parseFlags([])).toEqual({
      flags: { endpoint: undefined, durationS: undefined, incidentAfterS: 120, speed: 1, seed: 1, historyS: 2_592_000 },
    });
  });

  it.each([
    ['90', 90],
    ['90s', 90],
    ['5m', 300],
    ['1.5h', 5_400],
    ['1d', 86_400],
  ])('--duration %s is %i s', (text, durationS) => {
    expect(parseFlags(['--duration', text])).toMatchObject({ flags: { durationS } });
  });

  it('an endpoint is a base address, with or without a slash at its end', () => {
    expect(parseFlags(['--endpoint', 'http://localhost:4318/'])).toMatchObject({
      flags: { endpoint: 'http://localhost:4318' },
    });
  });

  it.each([
    ['--endpoint', 'localhost:4318'],
    ['--duration', 'long'],
    ['--incident-after', '2 weeks'],
    ['--speed', '1000'],
    ['--speed', ''],
    ['--seed', '-x'],
    ['--history', '31d'],
    ['--history', 'all'],
  ])('%s %j is refused with a sentence that names both', (flag, value) => {
    expect(parseFlags([`${flag}=${value}`])).toEqual({
      problem: expect.stringMatching(new RegExp(`^${flag} ${JSON.stringify(value)}: must be`)),
    });
  });

  it('an unknown flag is refused with the usage', () => {
    expect(parseFlags(['--fast'])).toEqual({ problem: expect.stringContaining('npm run demo') });
  });
});
