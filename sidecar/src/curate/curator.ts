import { type Catalogue, defaultCatalogue } from '@command-center/contract/catalogue/catalogue';
import type { Settings } from '@command-center/contract/settings/settings';
import type { LogRecord, Point, Span } from '../decode/records.ts';
import type { CuratedLog, CuratedPoint, CuratedSpan, Curation } from './curated.ts';
import { createLogCurator } from './logs.ts';
import { createPointCurator } from './points.ts';
import { createIdentify, createKeyJudge } from './recall.ts';
import { createRouteReader } from './routes.ts';
import { createSenders } from './sender.ts';
import { createSpanCurator } from './spans.ts';

export interface CuratorOptions {
  readonly settings: Pick<Settings, 'logMessages' | 'thresholds'>;
  /** Arrival, milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly catalogue?: Catalogue;
}

/** A function a signal; none of them throws on any record. */
export interface Curator {
  point(point: Point): Curation<CuratedPoint>;
  log(record: LogRecord): Curation<CuratedLog>;
  span(span: Span): Curation<CuratedSpan>;
}

/**
 * The observability contract applied to single records: what is kept, under which name, and a receipt for each thing that is not
 * (contract.md). It remembers routes, error types and redactions of its process, all bounded (limits.ts).
 */
export function createCurator({ settings, nowMs, catalogue = defaultCatalogue }: CuratorOptions): Curator {
  const identify = createIdentify();
  const shared = {
    identify,
    judgeKey: createKeyJudge(identify),
    nowMs,
    senderOf: createSenders(identify),
    routes: createRouteReader(identify),
  };
  const { API_LATENCY_P95, DB_QUERY_P95 } = settings.thresholds;
  return {
    point: createPointCurator({ ...shared, catalogue }),
    log: createLogCurator({ ...shared, keepsMessages: settings.logMessages === 'redacted' }),
    span: createSpanCurator({ ...shared, slowMs: { api: API_LATENCY_P95.warn, database: DB_QUERY_P95.warn } }),
  };
}
