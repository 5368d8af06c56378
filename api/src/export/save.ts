import type { ExportLink } from '@command-center/contract/api/exports';
import { toBase64url } from '../base64.ts';
import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import type { Refusal } from '../problems.ts';
import type { ExportQuery } from '../requests/exportQuery.ts';
import { type BegunExport, beginExport, clientGone } from './begin.ts';
import { documentOf, fileName, mediaTypes } from './document.ts';
import type { Row } from './found.ts';
import type { Slots } from './slots.ts';
import { type ExportStore, ExportStoreError } from './store.ts';

/** Bytes of randomness in an object's name: whoever guesses it still lacks the link's signature. */
const keyBytes = 24;

type Saved = { readonly link: ExportLink } | { readonly refusal: Refusal };

/** Puts an export into the bucket and answers where it lies. `clientSignal`: whoever asked is gone. */
export async function saveExport(
  deps: Deps,
  slots: Slots,
  query: ExportQuery,
  clientSignal: AbortSignal,
): Promise<Saved> {
  const { exportStore } = deps;
  if (exportStore === undefined) {
    const detail = 'COMMAND_CENTER_EXPORT_BUCKET is not set; GET answers the file itself.';
    return { refusal: { code: 'export_bucket_missing', detail } };
  }
  const signal = AbortSignal.any([clientSignal, AbortSignal.timeout(limits.exportStoreMs)]);
  const begun = await beginExport(deps, slots, query, signal);
  if ('refusal' in begun) {
    const isOurs = begun.refusal === clientGone && !clientSignal.aborted;
    return isOurs ? { refusal: { code: 'deadline_exceeded', detail: 'Finding the rows took too long.' } } : begun;
  }
  try {
    return { link: await put(await exportStore(), begun, (deps.now ?? Date.now)(), signal) };
  } catch (error) {
    if (clientSignal.aborted) return { refusal: clientGone };
    const refusal = refusalOf(error, signal);
    if (refusal === undefined) throw error;
    deps.log?.({ level: 'warn', event: refusal.code, message: refusal.detail, fields: { type: begun.head.type } });
    return { refusal };
  } finally {
    begun.release();
  }
}

async function put(store: ExportStore, begun: BegunExport, nowMs: number, signal: AbortSignal): Promise<ExportLink> {
  const { head, found } = begun;
  const key = `exports/${toBase64url(crypto.getRandomValues(new Uint8Array(keyBytes)))}.${head.format}`;
  let rows = 0;
  const counted = async function* (): AsyncGenerator<readonly Row[]> {
    for await (const page of found.pages) {
      rows += page.length;
      yield page;
    }
  };
  const file = { key, name: fileName(head), mediaType: mediaTypes[head.format] };
  const url = await store.put(file, documentOf(head, counted()), limits.exportLinkSeconds, signal);
  const expires_at = new Date(nowMs + limits.exportLinkSeconds * 1000).toISOString();
  return { url, expires_at, rows, truncated: head.isTruncated };
}

/** Undefined for what is no fault of the store. */
function refusalOf(error: unknown, signal: AbortSignal): Refusal | undefined {
  if (signal.aborted) {
    const detail = `The export bucket did not take the file within ${limits.exportStoreMs / 1000} s.`;
    return { code: 'export_bucket_unavailable', detail };
  }
  if (!(error instanceof ExportStoreError)) return undefined;
  return error.kind === 'away'
    ? { code: 'export_bucket_unavailable', detail: `The export bucket does not answer (${error.code}).` }
    : { code: 'export_bucket_refused', detail: `The export bucket refused the file (${error.code}).` };
}
