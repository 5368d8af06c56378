/** Bounds of curation: what it remembers between records, in entries; a full memory starts anew or takes no more, as its owner says. */

/** Identifiers whose redaction is remembered; labels, services and events repeat, and 8,192 of at most 120 characters are 2 MiB. */
export const MAX_RECALLED_IDENTIFIERS = 8_192;

/** Services whose routes are remembered; later ones get `_OTHER` for resolved paths. Routes a service: contract/src/routes.ts. */
export const MAX_ROUTED_SERVICES = 500;

/** Routes as sent whose template is remembered, and the characters of one; routers seldom have more, senders of paths do. */
export const MAX_RECALLED_ROUTES = 2_048;
export const MAX_RECALLED_ROUTE_CHARACTERS = 200;

/** Streams whose plan is remembered by digest, for senders whose decoder does not remember them (JSON). */
export const MAX_RECALLED_STREAMS = 10_000;

/** Targets, claims and subjects that streams share, each: more than the label budgets of the whole catalogue admit. */
export const MAX_RECALLED_TARGETS = 20_000;

/** Refusals of one metric told apart: a reason and a service each. */
export const MAX_RECALLED_REFUSALS = 200;

/** Attributes of one record that are looked at; SDKs send at most 128. The rest counts as dropped. */
export const MAX_ATTRIBUTES = 256;

/** Log attributes kept (contract.md §2). */
export const MAX_LOG_ATTRIBUTES = 16;

/** Characters of a log attribute (contract.md §2). */
export const MAX_LOG_ATTRIBUTE_CHARACTERS = 200;

/** Characters of a body that is no string, written out before redaction: more than redaction reads. */
export const MAX_RENDERED_CHARACTERS = 16_384;
