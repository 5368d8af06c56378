import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** The colours as they are written, held against WCAG 2.2 and against what colour-vision deficiencies leave of them. */

const text = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const themes = ['light', 'dark'] as const;
type Theme = (typeof themes)[number];
type Colour = readonly [number, number, number];

const tokens = new Map(
  [...text.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }],
  ),
);

/** Linear light of red, green and blue, 0-1 (IEC 61966-2-1). */
function colour(name: string, theme: Theme): Colour {
  const hex = tokens.get(name)?.[theme];
  if (hex === undefined) throw new Error(`tokens.css has no --${name}`);
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

const luminance = ([red, green, blue]: Colour): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

/** WCAG 2.2, "contrast ratio". */
function contrast(one: Colour, other: Colour): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** Full dichromacy, in linear RGB (Machado, Oliveira, Fernandes 2009, severity 1.0). */
const deficiencies: Readonly<Record<string, readonly Colour[]>> = {
  none: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function seen(of: Colour, matrix: readonly Colour[]): Colour {
  const row = (at: number): number => {
    const [red = 0, green = 0, blue = 0] = matrix[at] ?? [];
    return Math.min(1, Math.max(0, red * of[0] + green * of[1] + blue * of[2]));
  };
  return [row(0), row(1), row(2)];
}

/** Distance in Oklab (Ottosson 2020); 0.02 is a difference that is just seen. */
function distance(one: Colour, other: Colour): number {
  const [left, right] = [oklab(one), oklab(other)];
  return Math.hypot(left[0] - right[0], left[1] - right[1], left[2] - right[2]);
}

function oklab([red, green, blue]: Colour): Colour {
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ];
}

describe.each(themes)('the %s theme', (theme) => {
  const words = ['text', 'text-quiet', 'link', 'healthy', 'degraded', 'down', 'unknown'];

  it.each(words)('%s reads on ground, panel and raised: 4.5 to 1', (name) => {
    for (const under of ['ground', 'panel', 'raised'])
      expect([name, under, contrast(colour(name, theme), colour(under, theme))]).toEqual([
        name,
        under,
        expect.toSatisfy((ratio: number) => ratio >= 4.5),
      ]);
  });

  it.each(['degraded', 'down'])("the verdict's words read on its surface: 4.5 to 1 (%s)", (state) => {
    const ratio = contrast(colour(`${state}-on-surface`, theme), colour(`${state}-surface`, theme));
    expect(ratio).toBeGreaterThanOrEqual(4.5);
  });

  const lines = Array.from({ length: 8 }, (_, index) => `series-${index + 1}`);

  it.each([...lines, 'p95', 'line-strong', 'focus'])('%s is seen on a panel: 3 to 1', (name) => {
    expect(contrast(colour(name, theme), colour('panel', theme))).toBeGreaterThanOrEqual(3);
  });

  it.each(Object.keys(deficiencies))('red, amber and green stay apart with %s', (deficiency) => {
    const matrix = deficiencies[deficiency] ?? [];
    const [healthy, degraded, down] = ['healthy', 'degraded', 'down'].map((name) => seen(colour(name, theme), matrix));
    if (healthy === undefined || degraded === undefined || down === undefined) throw new Error('a state has no colour');
    expect(distance(healthy, degraded)).toBeGreaterThan(0.08);
    expect(distance(degraded, down)).toBeGreaterThan(0.08);
    expect(distance(healthy, down)).toBeGreaterThan(0.08);
  });

  it('the first five series stay apart from one another', () => {
    for (const [index, one] of lines.slice(0, 5).entries())
      for (const other of lines.slice(index + 1, 5))
        expect([one, other, distance(colour(one, theme), colour(other, theme))]).toEqual([
          one,
          other,
          expect.toSatisfy((far: number) => far > 0.08),
        ]);
  });
});
