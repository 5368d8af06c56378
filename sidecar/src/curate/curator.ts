import { type Catalogue, defaultCatalogue } from '@command-center/contract/catalogue/catalogue';
import type { Settings } from '@command-center/contract/settings/settings';
import type { PointTable } from '../decode/pointTable.ts';
import type { LogRecord, Span } from '../decode/records.ts';
import type { CuratedLog, CuratedPoints, CuratedSpan, Curation } from './curated.ts';
import { createLogCurator } from './logs.ts';
import { PointCurator } from './points.ts';
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

/** A function a signal; none of them throws on any record. Points come by the table, since what is said of a stream holds for all of its points. */
export interface Curator {
  points(table: PointTable): CuratedPoints;
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
  const points = new PointCurator({ ...shared, catalogue });
  return {
    points: (table) => points.curate(table),
    log: createLogCurator({ ...shared, keepsMessages: settings.logMessages === 'redacted' }),
    span: createSpanCurator({ ...shared, slowMs: { api: API_LATENCY_P95.warn, database: DB_QUERY_P95.warn } }),
  };
}
