import { identifierCharacters, textOutputBytes } from '@command-center/contract/redaction/limits';
import type { Window } from '@command-center/sidecar/aggregate/window';
import type { CuratedLog, CuratedSpan } from '@command-center/sidecar/curate/curated';
import { MAX_LOG_ATTRIBUTE_CHARACTERS, MAX_LOG_ATTRIBUTES } from '@command-center/sidecar/curate/limits';

/** What a row must be before Postgres sees it, whatever was sent; undefined = sound. */

export function problemOfLog(log: CuratedLog): string | undefined {
  const entries = Object.entries(log.attributes);
  if (Buffer.byteLength(log.message) > textOutputBytes) return 'a message over its bound';
  if (entries.length > MAX_LOG_ATTRIBUTES) return 'too many attributes';
  if (entries.some(([, value]) => String(value).length > MAX_LOG_ATTRIBUTE_CHARACTERS)) return 'a long attribute';
  if (!isId(log.traceId, 32) || !isId(log.spanId, 16)) return 'a malformed id';
  if (!Number.isSafeInteger(log.tsMs)) return 'no whole millisecond';
  return (
    textProblem('message', log.message) ??
    identifierProblem({ service: log.service, event: log.event, domain: log.domain }) ??
    textProblem('attributes', JSON.stringify(log.attributes))
  );
}

export function problemOfSpan(span: CuratedSpan): string | undefined {
  if (!isId(span.traceId, 32) || !isId(span.spanId, 16)) return 'a malformed id';
  if (!Number.isSafeInteger(span.tsMs)) return 'no whole millisecond';
  if (!(Number.isFinite(span.durationMs) && span.durationMs >= 0)) return 'an impossible duration';
  const { service, spanName, domain } = span;
  return identifierProblem({ service, spanName, domain, route: span.route ?? '', statusCode: span.statusCode ?? '' });
}

export type WrittenWindow = Window & Readonly<Record<'p50' | 'p95' | 'p99', number | null>>;

export function problemOfWindow({ spans, ...numbers }: WrittenWindow): string | undefined {
  for (const [name, value] of Object.entries(numbers)) if (Number.isNaN(value)) return `${name} is NaN`;
  if ((numbers.count ?? 0) < 0) return 'a negative count';
  return spans?.spans.every(({ count }) => Number.isInteger(count) && count > 0) === false
    ? 'a bucket whose count is no positive integer'
    : undefined;
}

function isId(id: string | null, digits: number): boolean {
  return id === null || (id.length === digits && /^[0-9a-f]+$/.test(id));
}

function identifierProblem(fields: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(fields)) {
    if (value.length > identifierCharacters) return `${name} over its bound`;
    const problem = textProblem(name, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Postgres stores neither U+0000 nor halves of characters. */
function textProblem(name: string, value: string): string | undefined {
  if (value.includes('\u0000')) return `U+0000 in ${name}`;
  return value.isWellFormed() ? undefined : `a lone surrogate in ${name}`;
}
