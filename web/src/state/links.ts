import type { Links } from '@command-center/contract/api/links';

/** What a template may ask for. Times are milliseconds since the epoch. */
export interface LinkValues {
  readonly traceId?: string;
  /** Empty, as for no value: every service. */
  readonly service?: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Tools that links may lead to, in words. */
export const toolNames: Readonly<Record<keyof Links, string>> = {
  grafana: 'Grafana',
  tempo: 'Tempo',
  loki: 'Loki',
  prometheus: 'Prometheus',
};

/**
 * The address that a template gives for these values (interfaces.md §1, "Deep links"): placeholders are filled URL-encoded, once, so that a value
 * which looks like a placeholder stays one. Null where there is no template, where it asks for a trace and there is none, and for what is not http(s).
 */
export function linkTo(template: string | undefined, { traceId, service, fromMs, toMs }: LinkValues): string | null {
  if (template === undefined || (traceId === undefined && template.includes('{trace_id}'))) return null;
  const values: Readonly<Record<string, string>> = {
    trace_id: traceId ?? '',
    service: service ?? '',
    from: String(Math.floor(fromMs)),
    to: String(Math.ceil(toMs)),
  };
  const address = template.replace(/\{(trace_id|service|from|to)\}/g, (_, name: string) =>
    encodeURIComponent((values[name] ?? '').toWellFormed()),
  );
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol) ? address : null;
}

/** Milliseconds that a link to one record looks before and behind it: what belongs to it lies seldom further away. */
const aroundMs = 15 * 60_000;

/** The window of a link to what happened from an instant on, for so many milliseconds. */
export function around(tsMs: number, durationMs = 0): Pick<LinkValues, 'fromMs' | 'toMs'> {
  return { fromMs: tsMs - aroundMs, toMs: tsMs + durationMs + aroundMs };
}
