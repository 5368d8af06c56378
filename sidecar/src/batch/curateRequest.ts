import { hash } from 'node:crypto';
import type { CuratedLog, CuratedPoints, CuratedSpan, Curation } from '../curate/curated.ts';
import type { Refusal } from '../curate/sender.ts';
import { PointTable } from '../decode/pointTable.ts';
import type { LogRecord, Signal, Span } from '../decode/records.ts';
import type { DecodedRequest } from '../decode/request.ts';
import type { LogRow } from '../store/events.ts';
import { Runs, Tally } from './tally.ts';

/** What curation offers, a function a signal. */
export interface Curator {
  points(table: PointTable): CuratedPoints;
  log(record: LogRecord): Curation<CuratedLog>;
  span(span: Span): Curation<CuratedSpan>;
}

/** A request after curation: what may be stored, and what became of the rest. Pure of committed state, so it is made while another batch commits. */
export interface CuratedRequest {
  readonly signal: Signal;
  readonly points: CuratedPoints;
  readonly logs: readonly LogRow[];
  readonly spans: readonly CuratedSpan[];
  readonly tally: Tally;
  /** Records rejected for good, by reason. */
  readonly rejected: ReadonlyMap<string, number>;
}

/** Runs every record of a request through the contract. */
export function curateRequest(curator: Curator, request: DecodedRequest): CuratedRequest {
  const tally = new Tally();
  const rejected = new Map<string, number>();
  for (const spoiled of request.spoiled) {
    tally.add(request.signal, '', 'received', '', '');
    tally.add(request.signal, '', 'refused', spoiled.reason, '');
    increase(rejected, spoiled.reason);
  }
  const base = { signal: request.signal, tally, rejected, points: noPoints, logs: [], spans: [] };
  switch (request.signal) {
    case 'metrics': {
      const points = curator.points(request.records);
      addRefusals(points, tally, rejected);
      return { ...base, points };
    }
    case 'logs':
      return {
        ...base,
        logs: withOrdinals(sift('logs', request.records, curator.log, base)),
      };
    case 'traces':
      return { ...base, spans: sift('traces', request.records, curator.span, base) };
  }
}

type Counts = { readonly tally: Tally; readonly rejected: Map<string, number> };

/** What is kept of the records; the rest is counted. */
function sift<R, T extends { readonly service: string }>(
  signal: Signal,
  records: readonly R[],
  curate: (record: R) => Curation<T>,
  { tally, rejected }: Counts,
): T[] {
  const kept: T[] = [];
  const keptBy = new Runs<string>((service, count) => tally.add(signal, service, 'received', '', '', count));
  const refusals = new Runs<Refusal>(({ outcome, service, name, reason, receipts }, count) => {
    tally.add(signal, service, 'received', '', name, count);
    tally.add(signal, service, outcome === 'dropped' ? 'dropped' : 'refused', reason, name, count);
    tally.addReceipts(signal, service, receipts, count);
    if (outcome === 'rejected') increase(rejected, reason, count);
  });
  for (const record of records) {
    const curation = curate(record);
    if (curation.outcome === 'kept') {
      const { value, receipts } = curation;
      kept.push(value);
      keptBy.add(value.service);
      tally.addReceipts(signal, value.service, receipts);
    } else refusals.add(curation);
  }
  keptBy.end();
  refusals.end();
  return kept;
}

const noPoints: CuratedPoints = { table: new PointTable(), streams: [], refusals: new Map() };

/** Points that are kept are counted when the batch is built, by what becomes of them. */
function addRefusals({ refusals }: CuratedPoints, tally: Tally, rejected: Map<string, number>): void {
  for (const [{ outcome, reason, service, name, receipts }, count] of refusals) {
    tally.add('metrics', service, 'received', '', name, count);
    tally.add('metrics', service, outcome === 'dropped' ? 'dropped' : 'refused', reason, name, count);
    tally.addReceipts('metrics', service, receipts, count);
    if (outcome === 'rejected') increase(rejected, reason, count);
  }
}

/** Equal records of one request are different records: their ordinal is part of their identity (design §5). */
function withOrdinals(logs: readonly CuratedLog[]): LogRow[] {
  const seen = new Map<string, number>();
  return logs.map((log) => {
    const ordinal = seen.get(log.digest) ?? 0;
    seen.set(log.digest, ordinal + 1);
    return { id: ordinal === 0 ? log.digest : hash('sha256', `${log.digest} ${ordinal}`).slice(0, 32), log };
  });
}

export function increase(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
