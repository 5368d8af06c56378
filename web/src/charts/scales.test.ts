import { scaleLinear, scaleLog } from 'd3-scale';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearScale, logScale } from './scales.ts';

const scales = [
  { name: 'linear', ours: linearScale, theirs: scaleLinear },
  { name: 'logarithmic', ours: logScale, theirs: () => scaleLog().clamp(true) },
];
const number = fc.double({ min: 0.001, max: 1e13, noNaN: true });
const ends = fc.tuple(number, number);

describe.each(scales)('The $name scale', ({ ours, theirs }) => {
  it('places numbers where that of d3 does, and finds them again, also as a copy', () => {
    fc.assert(
      fc.property(ends, ends, number, ([from, to], [low, high], value) => {
        const asked = ours().domain([from, to]).range([low, high]).copy();
        const known = theirs().domain([from, to]).range([low, high]);
        const size = Math.max(low, high);
        const reach = Math.max(from, to, Math.abs(known.invert(value)));
        expect(Math.abs(asked(value) - known(value)) / Math.max(size, Math.abs(known(value)))).toBeLessThan(1e-9);
        expect(Math.abs(asked.invert(value) - known.invert(value)) / reach).toBeLessThan(1e-9);
      }),
    );
  });
});
