import type { ScaleLinear } from 'd3-scale';
import { getLayerCakeContext, type LayerCakeContext } from 'layercake';

type Scales = { x: ScaleLinear<number, number>; y: ScaleLinear<number, number> };

/** The chart that a mark is drawn into: x in ms since the epoch, y in the chart's unit. Read its members where they are used, they change. */
export function chart(): LayerCakeContext<Scales> {
  return getLayerCakeContext<Scales>();
}
