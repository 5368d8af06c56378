import { type ExportDocument, exportDocument, exportLink } from '@command-center/contract/api/exports';
import { httpOk } from '@command-center/contract/reasons';
import { createRoute } from '@hono/zod-openapi';
import type { TypedResponse } from 'hono';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { type BegunExport, beginExport } from '../export/begin.ts';
import { documentOf, fileName, mediaTypes } from '../export/document.ts';
import { saveExport } from '../export/save.ts';
import { createSlots } from '../export/slots.ts';
import { type StreamEnd, streamOf } from '../export/stream.ts';
import { failureOf } from '../failures.ts';
import { limits } from '../limits.ts';
import { refuse } from '../problems.ts';
import { exportQuery } from '../requests/exportQuery.ts';
import { type Api, basePath, refusals, security, viewRefusals } from './declaration.ts';

/** Whether there are more rows than the file holds. */
export const truncatedHeader = 'X-Command-Center-Truncated';

const path = `${basePath}/export`;
const order = `Logs and traces newest first, metrics series after series; at most ${limits.exportRows} rows.`;

const download = createRoute({
  method: 'get',
  path,
  summary: 'Logs, traces or metrics as a file, with the filters of their lists',
  description: `${order} Streamed: a download without its end is broken. \`${truncatedHeader}\` says whether there are more rows.`,
  security,
  request: { query: exportQuery },
  responses: {
    [httpOk]: {
      description: 'The file.',
      headers: z.object({
        [truncatedHeader]: z.enum(['true', 'false']).meta({ description: 'Whether there are more rows.' }),
        'Content-Disposition': z.string().meta({ description: 'An attachment, and its name.' }),
      }),
      content: {
        'text/csv': { schema: z.string() },
        'application/json': { schema: exportDocument.meta({ id: 'Export' }) },
      },
    },
    ...refusals([...viewRefusals, 'too_many_requests']),
  },
});

const put = createRoute({
  method: 'post',
  path,
  summary: 'The same file, put into the export bucket',
  description: `${order} The link is good for an hour; whoever has it has the file.`,
  security,
  request: { query: exportQuery },
  responses: {
    [httpOk]: {
      description: 'Where the file lies.',
      content: { 'application/json': { schema: exportLink.meta({ id: 'ExportLink' }) } },
    },
    ...refusals([
      ...viewRefusals,
      'too_many_requests',
      'export_bucket_missing',
      'export_bucket_refused',
      'export_bucket_unavailable',
    ]),
  },
});

export function addExport(api: Api, deps: Deps): void {
  const slots = createSlots(limits.exportsAtOnce);
  api.openapi(download, async (c) => {
    const isHead = c.req.method === 'HEAD';
    const gone = new AbortController();
    const signal = AbortSignal.any([c.req.raw.signal, gone.signal]);
    const begun = await beginExport(deps, slots, c.req.valid('query'), signal);
    if ('refusal' in begun) return refuse(begun.refusal);
    const { head, release } = begun;
    c.set('isStreamed', true);
    if (isHead) release();
    const body = isHead ? null : bodyOf(deps, begun, gone);
    const headers = {
      'Content-Type': mediaTypes[head.format],
      'Content-Disposition': `attachment; filename="${fileName(head)}"`,
      [truncatedHeader]: String(head.isTruncated),
    };
    return new Response(body, { headers }) as Response & TypedResponse<ExportDocument, typeof httpOk, 'json'>;
  });
  api.openapi(put, async (c) => {
    const saved = await saveExport(deps, slots, c.req.valid('query'), c.req.raw.signal);
    return 'refusal' in saved ? refuse(saved.refusal) : c.json(saved.link);
  });
}

/** The file as it is made; `gone` ends what is being read for it. */
function bodyOf(deps: Deps, { head, found, release }: BegunExport, gone: AbortController): ReadableStream<Uint8Array> {
  const bounds = { stallMs: limits.exportStallMs, wholeMs: limits.exportMs };
  return streamOf(documentOf(head, found.pages), bounds, (end) => {
    release();
    if (end.outcome !== 'whole') gone.abort();
    logBroken(deps, head.type, end);
  });
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
