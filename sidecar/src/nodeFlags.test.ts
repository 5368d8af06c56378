import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeFlags } from './nodeFlags.ts';

describe('the flags a sidecar runs with', () => {
  it('are those of the script that starts one', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    );
    expect(scripts['start:sidecar']).toBe(`node ${nodeFlags.join(' ')} dist/sidecar.mjs`);
  });
});
