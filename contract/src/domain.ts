/** The parts of the observed product that a log or span may belong to (contract.md §3). */
const domains = ['auth', 'chat', 'voice', 'ws', 'db', 'crypto', 'admin'] as const;
export type Domain = (typeof domains)[number] | 'other';

/** Words looked at of a route or prefix; the answer stands in front. */
const maxWords = 16;

interface DomainEvidence {
  /** The record's own attribute `domain`. */
  readonly attribute?: string | undefined;
  /** Whether the record has any `db.system*` attribute. */
  readonly hasDbSystem?: boolean;
  readonly route?: string | null | undefined;
  /** Scope, event or span name; several are asked in their order. */
  readonly prefix?: string | readonly string[] | undefined;
}

/** Most routes and prefixes name no domain, which one look tells without taking them apart. */
const mention = new RegExp(domains.join('|'), 'i');

function known(word: string | undefined): Domain | undefined {
  const folded = word?.toLowerCase();
  return domains.find((domain) => domain === folded);
}

function firstKnown(words: readonly string[]): Domain | undefined {
  return known(words.slice(0, maxWords).find((word) => known(word) !== undefined));
}

/** `voice.sfu.join` and `server::voice` are voice; the words of a sentence say nothing. */
function fromPrefix(prefix: string): Domain | undefined {
  if (!mention.test(prefix)) return undefined;
  const [name = ''] = prefix.slice(0, 200).trimStart().split(/\s/, 1);
  return firstKnown(name.split(/[^0-9A-Za-z]+/));
}

function fromRoute(route: string): Domain | undefined {
  return mention.test(route) ? firstKnown(route.split('/')) : undefined;
}

/** The domain of a log or span: its attribute, else `db`, else the first known segment of its route, else its prefix, else `other`. */
export function domainOf({ attribute, hasDbSystem, route, prefix }: DomainEvidence): Domain {
  const prefixes = typeof prefix === 'string' ? [prefix] : (prefix ?? []);
  return (
    known(attribute?.trim()) ??
    (hasDbSystem === true ? 'db' : undefined) ??
    fromRoute((route ?? '').slice(0, 2_048)) ??
    prefixes.map(fromPrefix).find((domain) => domain !== undefined) ??
    'other'
  );
}
