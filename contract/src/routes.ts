import { otherValue } from './labels.ts';

/** Routes as label values (contract.md §1, "Routes"): templates, so that neither an id nor a scanner makes a series of its own. */

/** Characters read of a path or route as sent; what follows cannot change a template of 120. */
const maxInputLength = 2_048;
/** Characters of a template, as of any identifier (contract.md §2). */
export const maxRouteLength = 120;
/** Known routes a service; a router with more is no router. */
export const maxKnownRoutes = 500;
/** Segments of a known route; deeper ones are not matched. */
const maxSegments = 24;

const placeholder = '{}';

/** Served by every process and asked for by machines; left out of vital signs and top lists unless asked for. `*` ends a prefix. */
export const probeRoutes: readonly string[] = ['/health*', '/livez', '/readyz', '/metrics', '/ping'];

/** Whether a route is one of the list. */
export function isProbeRoute(route: string, list: readonly string[] = probeRoutes): boolean {
  return list.some((probe) =>
    probe.endsWith('*') ? route.startsWith(probe.slice(0, -1)) : route === probe || route === `${probe}/`,
  );
}

// Each is linear: fixed lengths, or runs that begin only where none goes on.
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const snowflake = /\d{15,}/g;
const longHex = /(?<![0-9a-z])[0-9a-f]{16,}(?![0-9a-z])/gi;
const wholeNumber = /^[-+]?\d+$/;
const wholeHex = /^(?:0x)?[0-9a-f]{8,}$/i;

function templateSegment(segment: string): string {
  if (segment === '') return segment;
  if (wholeNumber.test(segment) || wholeHex.test(segment)) return placeholder;
  return segment.replace(uuid, placeholder).replace(snowflake, placeholder).replace(longHex, placeholder);
}

/** The path alone: no scheme and host, no query, no fragment, no parameters of segments. */
function pathOf(sent: string): string {
  const path = sent
    .trim()
    .slice(0, maxInputLength)
    .replace(/^[a-z][a-z0-9+.-]{0,15}:\/\/[^/?#]*/i, '');
  const end = path.search(/[?#]/);
  return (end === -1 ? path : path.slice(0, end)).trim();
}

const withoutParameters = (segment: string): string => segment.replace(/;.*$/s, '').trim();

/** Whole segments up to the longest template; `*` stands for the rest. */
function bounded(segments: readonly string[]): string {
  const route = segments.join('/');
  if (route.length <= maxRouteLength) return route;
  let kept = '';
  for (const [index, segment] of segments.entries()) {
    const longer = index === 0 ? segment : `${kept}/${segment}`;
    if (longer.length + 2 > maxRouteLength) break;
    kept = longer;
  }
  return `${kept}/*`;
}

/**
 * `http.route` as sent, made safe: UUIDs, hex, whole-number segments and snowflakes become `{}`; templates (`{id}`, `:id`) stay. `_OTHER` where
 * nothing is left. Applying it twice changes nothing.
 */
export function normaliseRoute(route: string): string {
  const path = pathOf(route);
  if (path === '') return otherValue;
  return bounded(path.split('/').map((segment) => templateSegment(withoutParameters(segment))));
}

interface RouteNode {
  readonly literals: Map<string, RouteNode>;
  parameter: RouteNode | undefined;
  /** A route ends here. */
  isEnd: boolean;
  /** A route goes on with anything from here (`/static/*`). */
  isOpen: boolean;
}

/** The routes a service is known to serve, as a tree of segments. */
export interface KnownRoutes {
  readonly root: RouteNode;
  readonly seen: Set<string>;
}

function node(): RouteNode {
  return { literals: new Map(), parameter: undefined, isEnd: false, isOpen: false };
}

/** The routes of one service, to be filled with `addRoute` from the `http.route` of its points and spans. */
export function knownRoutes(routes: Iterable<string> = []): KnownRoutes {
  const known: KnownRoutes = { root: node(), seen: new Set() };
  for (const route of routes) addRoute(known, route);
  return known;
}

const segmentsOf = (path: string): string[] => path.replace(/^\//, '').replace(/\/$/, '').split('/');

/** `{id}`, `:id`, `<int:id>`, `[id]`, and anything with a template inside (`{name}.json`). */
const isParameter = (segment: string): boolean => /^[:<[]|[{}]/.test(segment);
/** `*`, `**`, `{*rest}`, `{rest...}`, `:rest*`, `[...rest]`. */
const isRest = (segment: string): boolean => /^\*|^\{\*|\.\.\.\}$|^:.*[*+]$|^\[+\.\.\./.test(segment);

/** Remembers a route, in any of the usual template notations. False where it is known already, is no route, or 500 are known. */
export function addRoute(known: KnownRoutes, route: string): boolean {
  const normal = normaliseRoute(route);
  if (normal === otherValue || known.seen.has(normal) || known.seen.size >= maxKnownRoutes) return false;
  const segments = segmentsOf(normal);
  if (segments.length > maxSegments) return false;
  known.seen.add(normal);
  let at = known.root;
  for (const segment of segments) {
    if (isRest(segment)) {
      at.isOpen = true;
      return true;
    }
    at = isParameter(segment) ? parameterOf(at) : literalOf(at, segment);
  }
  at.isEnd = true;
  return true;
}

function parameterOf(at: RouteNode): RouteNode {
  at.parameter ??= node();
  return at.parameter;
}

function literalOf(at: RouteNode, segment: string): RouteNode {
  const next = at.literals.get(segment) ?? node();
  at.literals.set(segment, next);
  return next;
}

/** The kept segments of the best match: literals before parameters, whole routes before open ones. Each node is visited at most once. */
function match(at: RouteNode, segments: readonly string[], from: number): readonly string[] | undefined {
  if (from === segments.length) return at.isEnd || at.isOpen ? [] : undefined;
  const segment = segments[from] ?? '';
  const literal = at.literals.get(segment);
  const kept = literal === undefined ? undefined : match(literal, segments, from + 1);
  if (kept !== undefined) return [segment, ...kept];
  const rest = at.parameter === undefined ? undefined : match(at.parameter, segments, from + 1);
  if (rest !== undefined) return [placeholder, ...rest];
  return at.isOpen ? [placeholder] : undefined;
}

/**
 * A resolved path (`url.path`, `http.target`) against the known routes of its service: segments that the matching route has stay, others become
 * `{}`; without a match `_OTHER`, so that a scanner costs one series.
 */
export function templatePath(path: string, known: KnownRoutes): string {
  const bare = pathOf(path);
  const segments = segmentsOf(bare).map(withoutParameters);
  if (bare === '' || segments.length > maxSegments) return otherValue;
  const kept = match(known.root, segments, 0);
  return kept === undefined ? otherValue : bounded(['', ...kept]);
}
