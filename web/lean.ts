import type { Plugin } from 'vite';

interface Replacement {
  readonly module: RegExp;
  /** Of whom it is imported. */
  readonly importer: RegExp;
  readonly code: string;
}

/** What charts load and never run: 8 KB gzipped of the 65 that the first load may take. */
const replacements: readonly Replacement[] = [
  {
    // Scales of numbers, which need neither colours nor what else lies between two values.
    module: /^d3-interpolate$/,
    importer: /[\\/]d3-scale[\\/]/,
    code: `
      export const interpolateNumber = (from, to) => (share) => Number(from) * (1 - share) + Number(to) * share;
      export const interpolate = interpolateNumber;
      export const interpolateRound = (from, to) => (share) => Math.round(interpolateNumber(from, to)(share));
      export const piecewise = undefined;`,
  },
  {
    // Of tickFormat alone: numbers are written by src/ui/numbers.ts.
    module: /^d3-format$/,
    importer: /[\\/]d3-scale[\\/]/,
    code: `
      export const formatSpecifier = () => { throw new Error('tickFormat is not in the bundle: see web/lean.ts'); };
      export const format = undefined, formatPrefix = undefined;
      export const precisionFixed = undefined, precisionPrefix = undefined, precisionRound = undefined;`,
  },
  {
    // What debug prints to the console, in colour.
    module: /\/printDebug\.js$/,
    importer: /[\\/]layercake[\\/]/,
    code: 'export default () => undefined;',
  },
];

/** Leaves parts of packages out of the build, which nothing but this keeps there. */
export function lean(): Plugin {
  const prefix = '\0lean:';
  return {
    name: 'lean',
    apply: 'build',
    enforce: 'pre',
    resolveId(id, importer = '') {
      const found = replacements.findIndex((one) => one.module.test(id) && one.importer.test(importer));
      return found === -1 ? null : `${prefix}${found}`;
    },
    load: (id) => (id.startsWith(prefix) ? (replacements[Number(id.slice(prefix.length))]?.code ?? null) : null),
  };
}
