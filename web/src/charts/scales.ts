type Ends = readonly number[];

/** Numbers to pixels and back: of d3's scales what LayerCake and the marks ask for. `domain` and `range` answer where they are not given any. */
export interface Scale {
  (value: number): number;
  invert(pixels: number): number;
  domain(): Ends;
  domain(ends: Ends): Scale;
  range(): Ends;
  range(ends: Ends): Scale;
  copy(): Scale;
}

/** Equal steps as equal pixels. */
export function linearScale(): Scale {
  const same = (value: number): number => value;
  return scaleOf({ apply: same, undo: same, clamp: same, from: [0, 1], to: [0, 1] });
}

/** Equal factors as equal pixels. Its domain lies above 0; what lies outside of it is drawn at its ends. */
export function logScale(): Scale {
  const clamp = (value: number, ends: Ends): number => Math.min(Math.max(value, Math.min(...ends)), Math.max(...ends));
  return scaleOf({ apply: Math.log, undo: Math.exp, clamp, from: [1, 10], to: [0, 1] });
}

interface Parts {
  readonly apply: (value: number) => number;
  readonly undo: (value: number) => number;
  readonly clamp: (value: number, ends: Ends) => number;
  from: Ends;
  to: Ends;
}

function scaleOf(parts: Parts): Scale {
  const { apply, undo, clamp } = parts;
  const ends = (): Ends => parts.from.map(apply);
  function domain(): Ends;
  function domain(next: Ends): Scale;
  function domain(next?: Ends): Ends | Scale {
    if (next === undefined) return parts.from;
    parts.from = next;
    return scale;
  }
  function range(): Ends;
  function range(next: Ends): Scale;
  function range(next?: Ends): Ends | Scale {
    if (next === undefined) return parts.to;
    parts.to = next;
    return scale;
  }
  const scale: Scale = Object.assign(
    (value: number): number => between(parts.to, shareOf(ends(), apply(clamp(value, parts.from)))),
    {
      invert: (pixels: number): number => clamp(undo(between(ends(), shareOf(parts.to, pixels))), parts.from),
      domain,
      range,
      copy: () => scaleOf({ ...parts }),
    },
  );
  return scale;
}

/** How far it is to `value` from one end to the other; half the way where they are the same. */
function shareOf([from = 0, to = 1]: Ends, value: number): number {
  return from === to ? 0.5 : (value - from) / (to - from);
}

function between([from = 0, to = 1]: Ends, share: number): number {
  return from * (1 - share) + to * share;
}
