import { MAX_KNOWN_HEADER_BYTES, MAX_KNOWN_HEADERS, USUAL_HEADER_BYTES, USUAL_HEADER_VALUES } from '../../limits.ts';
import { type Draft, noAttributes } from '../draft.ts';
import type { Metric, Resource, Scope } from '../records.ts';
import { readResource, readScope } from './values.ts';
import { type Counted, openWire } from './wire.ts';

/**
 * Resources, scopes and metrics by the bytes they were read from, across requests: a sender says them again with every request, and what was
 * worked out for one of these objects is found again by reference.
 */

type Traits = Pick<Metric, 'name' | 'unit' | 'kind' | 'temporality' | 'isMonotonic'>;

export class KnownScope {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly #metrics = new Map<string, Metric>();

  constructor(resource: Resource, scope: Scope) {
    this.resource = resource;
    this.scope = scope;
  }

  metric(traits: Traits): Metric {
    const { name, unit, kind, temporality, isMonotonic } = traits;
    const key = `${kind} ${temporality} ${isMonotonic} ${unit.length} ${unit} ${name}`;
    const known = this.#metrics.get(key);
    if (known !== undefined) return known;
    const metric: Metric = { resource: this.resource, scope: this.scope, ...traits };
    if (key.length <= MAX_KNOWN_HEADER_BYTES && hasRoom(key.length, 0)) this.#metrics.set(key, metric);
    return metric;
  }
}

export class KnownResource {
  readonly resource: Resource;
  readonly #scopes = new Map<string, KnownScope>();

  constructor(resource: Resource) {
    this.resource = resource;
  }

  /** `bytes`: all InstrumentationScope messages of the group, one after another, which is what merging them means. */
  scope(bytes: Buffer, counted: Counted): KnownScope {
    const key = keyOf(bytes);
    const known = this.#scopes.get(key ?? '');
    if (key !== undefined && known !== undefined) return known;
    const scope: Draft<Scope> = { name: '', version: '', attributes: noAttributes };
    const before = counted.values;
    readScope(openWire(bytes, counted), scope);
    const made = new KnownScope(this.resource, scope);
    if (key !== undefined && hasRoom(key.length, counted.values - before)) this.#scopes.set(key, made);
    return made;
  }
}

let resources = new Map<string, KnownResource>();
let headers = 0;

/** `bytes`: all Resource messages of the group, one after another. */
export function knownResource(bytes: Buffer, counted: Counted): KnownResource {
  if (headers >= MAX_KNOWN_HEADERS) {
    resources = new Map();
    headers = 0;
  }
  const key = keyOf(bytes);
  const known = resources.get(key ?? '');
  if (key !== undefined && known !== undefined) return known;
  const resource: Draft<Resource> = { attributes: noAttributes };
  const before = counted.values;
  readResource(openWire(bytes, counted), resource);
  const made = new KnownResource(resource);
  if (key !== undefined && hasRoom(key.length, counted.values - before)) resources.set(key, made);
  return made;
}

/** Counts one more, of more bytes or attributes than usual as several; a full memory starts anew with the next resource. */
function hasRoom(bytes: number, values: number): boolean {
  headers += 1 + Math.floor(bytes / USUAL_HEADER_BYTES) + Math.floor(values / USUAL_HEADER_VALUES);
  return headers <= MAX_KNOWN_HEADERS;
}

/** A character a byte; undefined = too long to remember. */
function keyOf(bytes: Buffer): string | undefined {
  return bytes.length > MAX_KNOWN_HEADER_BYTES ? undefined : bytes.toString('latin1');
}
