import { fileURLToPath } from 'node:url';
import { normalizePath, type Plugin } from 'vite';

interface Replacement {
  /** Its path. */
  readonly module: RegExp;
  readonly code: string;
}

const scales = JSON.stringify(normalizePath(fileURLToPath(new URL('src/charts/scales.ts', import.meta.url))));

/** What the console loads with its packages and never runs. */
const replacements: readonly Replacement[] = [
  {
    // Charts have an x and a y, and none of the six other dimensions, nor the scales of d3 that those begin with.
    module: /\/layercake\/dist\/settings\/dimensions\.js$/,
    code: `
      import { linearScale } from ${scales};
      const dimension = { defaultScale: linearScale, features: { reverse: true } };
      export const DIMENSIONS = [
        { ...dimension, name: 'x', defaultRange: ({ width }) => [0, width] },
        { ...dimension, name: 'y', defaultRange: ({ height }) => [0, height], defaultReverse: () => true },
      ];
      export const DIMENSION_KEY_FAMILIES = [
        { suffix: 'Domain', stateKey: 'domain', addToConfig: true },
        { suffix: 'Scale', stateKey: 'scale' },
        { suffix: 'Range', stateKey: 'range', addToConfig: true },
      ];
      export const FAMILIES_BY_DIMENSION = { x: DIMENSION_KEY_FAMILIES, y: DIMENSION_KEY_FAMILIES };
      export const VALID_DIMENSION_PROPS = new Set();`,
  },
  {
    // Each chart says what its axes reach to.
    module: /\/layercake\/dist\/helpers\/measureExtent\.js$/,
    code: `export default () => { throw new Error('a chart without a domain: see web/lean.ts'); };`,
  },
  {
    // No chart pads or rounds its domain, or gives a range of its own.
    module: /\/layercake\/dist\/helpers\/createScale\.js$/,
    code: `
      export default ({ dimension, scale = dimension.defaultScale(), domain, reverse, ctx }) => {
        const range = dimension.defaultRange(ctx);
        return scale.copy().domain(domain).range(reverse ? range.reverse() : range);
      };`,
  },
  {
    // What is printed for who makes charts.
    module: /\/layercake\/dist\/helpers\/(?:printDebug|warnEmptySize)\.js$/,
    code: 'export default () => undefined;',
  },
  {
    // The page is not rendered by a server.
    module: /\/svelte\/src\/internal\/client\/dom\/hydration\.js$/,
    code: `
      const none = () => { throw new Error('hydration is not in the bundle: see web/lean.ts'); };
      const nothing = () => {};
      export const hydrating = false;
      export const hydrate_node = null;
      export { none as hydrate_next, none as read_hydration_instruction, none as skip_nodes, none as set_hydrate_node };
      export { nothing as hydrate_template, nothing as next, nothing as reset, nothing as set_hydrating };`,
  },
  {
    // Components have runes, and none awaits in its script.
    module: /\/svelte\/src\/internal\/flags\/index\.js$/,
    code: `export const async_mode_flag = false, legacy_mode_flag = false, tracing_mode_flag = false;`,
  },
];

/** Leaves parts of packages out of the build, which nothing but this keeps there. */
export function lean(): Plugin {
  return {
    name: 'lean',
    apply: 'build',
    enforce: 'pre',
    load: (id) => replacements.find(({ module }) => module.test(normalizePath(id)))?.code ?? null,
  };
}
