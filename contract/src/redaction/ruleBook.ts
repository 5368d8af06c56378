import { contentOf, meets } from './content.ts';
import { rememberedContents } from './limits.ts';
import type { RedactionRule } from './rule.ts';

/** Rules in their order, and for each content which of them a text of it can meet: asking all of them anew costs more than the patterns of an ordinary message. */
export class RuleBook {
  readonly #rules: readonly RedactionRule[];
  readonly #byContent = new Map<number, readonly number[]>();

  constructor(rules: readonly RedactionRule[]) {
    this.#rules = rules;
  }

  /** The value with every match masked by `mask`, each rule once and in its order. */
  apply(value: string, mask: (rule: RedactionRule, value: string) => string): string {
    let masked = value;
    let candidates = this.#candidates(value);
    for (let at = 0; at < candidates.length; at++) {
      const index = candidates[at] ?? 0;
      const rule = this.#rules[index];
      if (rule === undefined || !rule.mayMatch(masked)) continue;
      const before = masked;
      masked = mask(rule, before);
      if (masked === before) continue;
      // Later rules see what this one left.
      candidates = this.#candidates(masked);
      at = candidates.filter((candidate) => candidate <= index).length - 1;
    }
    return masked;
  }

  /** Indexes of the rules that the value's content meets, ascending. */
  #candidates(value: string): readonly number[] {
    const content = contentOf(value);
    const known = this.#byContent.get(content);
    if (known !== undefined) return known;
    const met = this.#rules.flatMap((rule, index) => (meets(content, rule.needs) ? [index] : []));
    if (this.#byContent.size >= rememberedContents) this.#byContent.clear();
    this.#byContent.set(content, met);
    return met;
  }
}
