import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lean } from './lean.ts';
import type { Scale } from './src/charts/scales.ts';
import { built, loaded } from './testing/built.ts';

interface Dimension {
  readonly name: string;
  readonly defaultReverse?: (asked: object) => boolean;
}

interface Room {
  readonly width: number;
  readonly height: number;
}

interface Parts {
  readonly DIMENSIONS: readonly Dimension[];
  readonly createScale: (asked: {
    dimension: Dimension;
    domain: readonly number[];
    reverse: boolean;
    ctx: Room & { readonly scales: object };
  }) => Scale;
}

const layercake = fileURLToPath(new URL('.', import.meta.resolve('layercake')));
const entry = `
  export { DIMENSIONS } from '${layercake}settings/dimensions.js';
  export { default as createScale } from '${layercake}helpers/createScale.js';`;
const [ours, theirs] = await Promise.all([lean(), []].map(async (plugin) => loaded<Parts>(await built(entry, plugin))));

/** The scale of x or y, as LayerCake makes it (state/dimension.svelte.js). */
function scaleOf(parts: Parts | undefined, name: string, domain: readonly number[], room: Room): Scale | undefined {
  const dimension = parts?.DIMENSIONS.find((one) => one.name === name);
  if (dimension === undefined) return undefined;
  const reverse = dimension.defaultReverse?.({}) ?? false;
  return parts?.createScale({ dimension, domain, reverse, ctx: { ...room, scales: {} } });
}

describe('The charts of the bundle', () => {
  it.each(['x', 'y'])('reach over the room that LayerCake gives them: %s', (name) => {
    const number = fc.integer({ min: -1_000, max: 1_000 });
    const pixels = fc.integer({ min: 0, max: 2_000 });
    fc.assert(
      fc.property(fc.tuple(number, number, number, pixels, pixels), ([from, to, value, width, height]) => {
        const [lean, full] = [ours, theirs].map((parts) => scaleOf(parts, name, [from, to], { width, height }));
        expect(lean?.domain()).toEqual(full?.domain());
        expect(lean?.range()).toEqual(full?.range());
        expect(lean?.(value)).toBeCloseTo(full?.(value) ?? Number.NaN, 6);
      }),
    );
  });

  it('bring neither the scales of d3 nor what Svelte needs to hydrate', async () => {
    const page = `
      export { LayerCake, Svg, Html } from 'layercake';
      export { mount } from 'svelte';`;
    const compiler = svelte({ configFile: false, emitCss: false, compilerOptions: { runes: true } });
    const forbidden = /hydration_mismatch|function band|tickFormat/;
    expect(await built(page, [compiler, lean()])).not.toMatch(forbidden);
    expect(await built(page, [compiler])).toMatch(forbidden);
  });
});
