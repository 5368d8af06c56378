import { getLayerCakeContext, type LayerCakeContext } from 'layercake';
import type { Scale } from './scales.ts';

type Scales = { x: Scale; y: Scale };

/** The chart that a mark is drawn into: x in ms since the epoch, y in the chart's unit. Read its members where they are used, they change. */
export function chart(): LayerCakeContext<Scales> {
  return getLayerCakeContext<Scales>();
}
