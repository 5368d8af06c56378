import { type ScaleContinuousNumeric, scaleLinear, scaleLog, scaleSqrt } from 'd3-scale';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lean } from './lean.ts';
import { built, loaded } from './testing/built.ts';

const names = ['scaleLinear', 'scaleLog', 'scaleSqrt'] as const;
type Scales = Readonly<Record<(typeof names)[number], () => ScaleContinuousNumeric<number, number>>>;
const full: Scales = { scaleLinear, scaleLog, scaleSqrt };
const code = await built(`export { ${names.join(', ')} } from 'd3-scale';`, lean());
const scales = await loaded<Scales>(code);

describe('The scales of the bundle', () => {
  it.each(names)('place numbers where those of d3 do, and find them again: %s', (name) => {
    const number = fc.double({ min: 0.001, max: 1e13, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(number, number, number, number, number), ([from, to, low, high, value]) => {
        const [ours, theirs] = [scales, full].map((all) => all[name]().domain([from, to]).range([low, high]));
        expect(ours?.(value)).toBe(theirs?.(value));
        expect(ours?.invert(value)).toBe(theirs?.invert(value));
        expect(ours?.ticks(5)).toEqual(theirs?.ticks(5));
        expect(ours?.rangeRound([low, high])(value)).toBe(theirs?.rangeRound([low, high])(value));
      }),
    );
  });

  it('bring no colours and no formats, and say so', () => {
    expect(code).not.toMatch(/rebeccapurple|currency/);
    expect(() => scales.scaleLinear().tickFormat()).toThrow('web/lean.ts');
  });
});
