import type { ExportLink } from '@command-center/contract/api/exports';
import type { Deps } from '../deps.ts';
import { type BegunExport, beginExport } from '../export/begin.ts';
import { documentOf, fileName, mediaTypes } from '../export/document.ts';
import { saveExport } from '../export/save.ts';
import { type StreamEnd, streamOf } from '../export/stream.ts';
import { failureOf } from '../failures.ts';
import { truncatedHeader } from '../headers.ts';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { exportQuery } from '../requests/exportQuery.ts';
import { type Surroundings, type View, withQuery } from './view.ts';

/** GET: the file itself. */
export function downloadView({ deps, slots }: Surroundings): View {
  return withQuery(exportQuery, async (c, query) => {
    const isHead = c.req.method === 'HEAD';
    const gone = new AbortController();
    const signal = AbortSignal.any([c.req.raw.signal, gone.signal]);
    const begun = await beginExport(deps, slots, query, signal);
    if ('refusal' in begun) return refuse(begun.refusal);
    const { head, release } = begun;
    c.set('isStreamed', true);
    if (isHead) release();
    const body = isHead ? null : bodyOf(deps, begun, gone, c.env?.breakOff);
    const headers = {
      'Content-Type': mediaTypes[head.format],
      'Content-Disposition': `attachment; filename="${fileName(head)}"`,
      [truncatedHeader]: String(head.isTruncated),
    };
    return new Response(body, { headers });
  });
}

/** POST: the same file, put into the bucket. */
export function bucketView({ deps, slots }: Surroundings): View {
  return withQuery(exportQuery, async (c, query) => {
    const saved = await saveExport(deps, slots, query, c.req.raw.signal);
    return 'refusal' in saved ? refuse(saved.refusal) : c.json(saved.link satisfies ExportLink);
  });
}

/** The file as it is made; `gone` ends what is being read for it. */
function bodyOf(
  deps: Deps,
  { head, found, release }: BegunExport,
  gone: AbortController,
  breakOff: (() => void) | undefined,
): ReadableStream<Uint8Array> {
  const bounds = { stallMs: limits.exportStallMs, wholeMs: limits.exportMs };
  const onEnd = (end: StreamEnd): void => {
    release();
    if (end.outcome !== 'whole') gone.abort();
    logBroken(deps, head.type, end);
  };
  return streamOf(documentOf(head, found.pages), bounds, onEnd, breakOff);
}

/** What a client sees only as a download without its end. */
function logBroken({ log }: Deps, type: string, end: StreamEnd): void {
  if (end.outcome === 'stalled') {
    log?.({
      level: 'warn',
      event: 'export_stalled',
      message: `A client took no part of an export for ${limits.exportStallMs / 1000} s, or not all of it in ${limits.exportMs / 1000} s.`,
      fields: { type },
    });
  }
  if (end.outcome !== 'failed') return;
  const { refusal, isExpected } = failureOf(end.error);
  const message = isExpected || !(end.error instanceof Error) ? refusal.detail : (end.error.stack ?? end.error.message);
  log?.({
    level: isExpected ? 'warn' : 'error',
    event: 'export_broken',
    message,
    fields: { type, code: refusal.code },
  });
}
