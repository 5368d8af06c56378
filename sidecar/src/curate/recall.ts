import { identifierCharacters } from '@command-center/contract/redaction/limits';
import { identifier, isForbiddenKey, type Redacted } from '@command-center/contract/redaction/redact';
import type { Receipt } from './curated.ts';
import { MAX_RECALLED_IDENTIFIERS } from './limits.ts';

/** A memory of at most `maxEntries`; when it is full it starts anew, so that a flood of new keys costs no more than no memory. */
export class Recall<V> {
  readonly #entries = new Map<string, V>();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): V {
    if (this.#entries.size >= this.#maxEntries) this.#entries.clear();
    this.#entries.set(key, value);
    return value;
  }
}

/** Redacts an identifier and adds a receipt for each mask, under the name of the field it stands in. */
export type Identify = (value: string, field: string, receipts: Receipt[]) => string;

/** `identifier` of the contract with a memory: the same few services, routes and events come with every record. */
export function createIdentify(): Identify {
  const recall = new Recall<Redacted>(MAX_RECALLED_IDENTIFIERS);
  return (value, field, receipts) => {
    // Long ones are seldom the same twice.
    const redacted =
      value.length > identifierCharacters
        ? identifier(value)
        : (recall.get(value) ?? recall.set(value, identifier(value)));
    addMasks(receipts, redacted.rules, field);
    return redacted.value;
  };
}

export function addMasks(receipts: Receipt[], rules: readonly string[], field: string): void {
  for (const rule of rules) receipts.push({ outcome: 'masked', reason: rule, name: field });
}

/** What is to be said of a field that is not kept: whether its key is forbidden, and the key as it may be shown. */
export interface KeyJudgement {
  readonly isForbidden: boolean;
  readonly name: string;
}

/** Judges keys with a memory: the same few come with every record. */
export function createKeyJudge(identify: Identify): (key: string) => KeyJudgement {
  const recall = new Recall<KeyJudgement>(MAX_RECALLED_IDENTIFIERS);
  return (key) => {
    const known = recall.get(key);
    if (known !== undefined) return known;
    const judgement = { isForbidden: isForbiddenKey(key), name: identify(key, '', []) };
    return key.length > identifierCharacters ? judgement : recall.set(key, judgement);
  };
}
