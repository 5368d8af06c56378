import { identifier, type Redacted } from '@command-center/contract/redaction/redact';
import { addRoute, type KnownRoutes, knownRoutes, normaliseRoute, templatePath } from '@command-center/contract/routes';
import { type AttributeMap, scalarText } from './attributes.ts';
import type { Receipt } from './curated.ts';
import { MAX_RECALLED_ROUTE_CHARACTERS, MAX_RECALLED_ROUTES, MAX_ROUTED_SERVICES } from './limits.ts';
import { addMasks, type Identify, Recall } from './recall.ts';

/** The route of a record, and whether it was guessed from a resolved path, which more known routes may change. */
export interface Route {
  readonly value: string;
  readonly isFromPath: boolean;
}

/** Routes as templates (contract.md §1). Known routes are learned from every `http.route` seen and live as long as the process. */
export interface RouteReader {
  /** How many routes were learned so far, over all services: what was guessed before is worth another look when it has grown. */
  readonly known: number;
  /** A route as sent, as `redactedRoute` gives it; the same few come with every record. */
  template(sent: string): Redacted;
  /** Undefined where the record has neither route nor path. */
  of(service: string, attributes: AttributeMap, receipts: Receipt[]): Route | undefined;
}

/** An id in a route is what templates are for, and no mask. */
const templatedRules = new Set(['number_segment', 'hex_segment', 'uuid', 'snowflake', 'hex_secret', 'numbered_id']);

/**
 * A route as sent, redacted and templated. Redaction comes first: templating cuts off schemes, line ends and white space by which it knows
 * connection strings and stack traces.
 */
function redactedRoute(sent: string): Redacted {
  const { value, rules } = identifier(sent);
  const masks = rules.filter((rule) => !templatedRules.has(rule));
  const template = identifier(normaliseRoute(masks.length === 0 ? sent : value));
  return { value: template.value, rules: [...masks, ...template.rules] };
}

export function createRouteReader(identify: Identify): RouteReader {
  const byService = new Map<string, KnownRoutes>();
  const routesOf = (service: string): KnownRoutes | undefined => {
    const known = byService.get(service);
    if (known !== undefined || byService.size >= MAX_ROUTED_SERVICES) return known;
    const added = knownRoutes();
    byService.set(service, added);
    return added;
  };
  const none = knownRoutes();
  const templates = new Recall<Redacted>(MAX_RECALLED_ROUTES);
  const templateOf = (sent: string): Redacted => {
    if (sent.length > MAX_RECALLED_ROUTE_CHARACTERS) return redactedRoute(sent);
    return templates.get(sent) ?? templates.set(sent, redactedRoute(sent));
  };
  let learned = 0;
  return {
    get known() {
      return learned;
    },
    template: templateOf,
    of(service, attributes, receipts) {
      const sent = scalarText(attributes.get('http.route'));
      if (sent !== undefined) {
        const { value, rules } = templateOf(sent);
        addMasks(receipts, rules, 'http.route');
        const known = routesOf(service);
        if (known !== undefined && !known.seen.has(value) && addRoute(known, value)) learned += 1;
        return { value, isFromPath: false };
      }
      const path = scalarText(attributes.get('url.path'));
      if (path === undefined) return undefined;
      const value = templatePath(path, byService.get(service) ?? none);
      return { value: identify(value, 'http.route', receipts), isFromPath: true };
    },
  };
}
