import { noVoice, type StoredSummary, storedSummary } from '@command-center/contract/api/summary';
import { type Contract, defaultContract } from '@command-center/contract/contract';
import type { ServiceDefinition } from '@command-center/contract/services';
import type { TransactionSql } from 'postgres';
import { alertsOf } from './alerts.ts';
import { createFreshness } from './freshness.ts';
import { createHistory, type History, historyMinutes } from './history.ts';
import { maxHistoryRows } from './limits.ts';
import { fromMinuteMs, minuteMs, newestCompleteMs } from './measures.ts';
import { metadataOf } from './metadata.ts';
import { type Newest, readNewest } from './newest.ts';
import { readMinutes, readSeries, type Series } from './recent.ts';
import { judgedMetrics, judgeService } from './services.ts';
import type { LeaderSettings } from './settings.ts';
import { type Situation, signMetrics, situationOf, summaryMetrics } from './situation.ts';
import { readStandings, type Transition, writeStandings } from './standings.ts';
import { type Pending, type Standing, settle } from './transitions.ts';
import { verdictOf } from './verdict.ts';
import { vitalSigns } from './vitalSigns.ts';

/** Minutes before the open one that each pass reads: the 5 min that ratios and percentiles look back. */
const RECENT_MINUTES = 5;

export interface Summariser {
  /** Judges the present and writes `telemetry_summary`, service health and its transitions; `writer` is the leader. */
  summarise(tx: TransactionSql, writer: number): Promise<StoredSummary>;
}

/** One per leader: it remembers the last hour's sparklines, when data came, and changes that are not confirmed yet. */
export function createSummariser(
  settings: LeaderSettings,
  startedAt: Date,
  contract: Contract = defaultContract,
): Summariser {
  const { services } = contract;
  const metrics = [...new Set([...summaryMetrics, ...services.flatMap(judgedMetrics)])];
  const { thresholds: bounds, processMemoryLimitBytes } = settings;
  const freshness = createFreshness();
  const history = createHistory(bounds, processMemoryLimitBytes);
  const pending = new Map<string, Pending>();
  return {
    summarise: async (tx, writer) => {
      const { nowMs, previous } = await readPrevious(tx);
      const series = await readSeries(tx, metrics, contract);
      const fromMs = fromMinuteMs(nowMs, RECENT_MINUTES);
      const rows = await readMinutes(tx, series, fromMs, nowMs);
      const newestMs = newestCompleteMs(nowMs);
      history.learn(rows, fromMs, newestMs);
      await recall(tx, history, series, newestMs);
      freshness.observe(rows, series, fromMs, nowMs);

      const newest = await readNewest(tx, newestBefore(previous));
      const situation = situationOf(
        rows,
        { nowMs, datumMs: freshness.datumMs, anyDatumMs: anyDatumMs(newest, metrics, freshness.datumMs) },
        processMemoryLimitBytes,
      );
      const { standings, transitions } = settleAll(
        situation,
        services,
        settings,
        await readStandings(tx, services),
        pending,
      );
      const signs = vitalSigns(situation, bounds, history.sparklines(newestMs));
      const service = settings.primaryService ?? history.busiestService();
      const summary: StoredSummary = {
        verdict: verdictOf(signs, standings, previous?.verdict, nowMs, services),
        vital_signs: signs,
        services: standings.map((standing) => present(standing, services)),
        transitions: [],
        voice: noVoice,
        alerts: alertsOf(situation, bounds, previous?.alerts ?? []),
        metadata: metadataOf(service, series, rows),
        started_at: startedAt.toISOString(),
        freshness: {
          metrics: newest.metrics?.toISOString() ?? null,
          logs: newest.logs?.toISOString() ?? null,
          traces: newest.traces?.toISOString() ?? null,
        },
      };
      await writeStandings(tx, standings, transitions, nowMs);
      await writeSummary(tx, writer, summary);
      return summary;
    },
  };
}

/** The database's clock, and the summary this one replaces. */
async function readPrevious(tx: TransactionSql): Promise<{ nowMs: number; previous: StoredSummary | undefined }> {
  const [row] = await tx<{ now_ms: number; summary: unknown }[]>`
    /* read-previous-summary */
    SELECT extract(epoch FROM clock_timestamp())::double precision * 1000 AS now_ms, (SELECT summary FROM telemetry_summary) AS summary`;
  if (row === undefined) throw new Error('read-previous-summary returned no row');
  return { nowMs: row.now_ms, previous: storedSummary.safeParse(row.summary).data };
}

/** Reads as much of the hour's minutes that were never read as one pass may, newest first. */
async function recall(
  tx: TransactionSql,
  history: History,
  series: readonly Series[],
  newestMs: number,
): Promise<void> {
  const missing = history.missing(newestMs);
  const [toMs] = missing;
  if (toMs === undefined) return;
  const kept = series.filter(({ metric }) => signMetrics.includes(metric));
  const most = Math.min(historyMinutes, Math.max(1, Math.floor(maxHistoryRows / Math.max(1, kept.length))));
  const fromMs = Math.max(missing.at(-1) ?? toMs, toMs - (most - 1) * minuteMs);
  history.learn(await readMinutes(tx, kept, fromMs, toMs + minuteMs), fromMs, toMs);
}

function newestBefore(previous: StoredSummary | undefined): Newest {
  const date = (text: string | null | undefined): Date | null => (text ? new Date(text) : null);
  const { metrics, logs, traces } = previous?.freshness ?? {};
  return { metrics: date(metrics), logs: date(logs), traces: date(traces) };
}

/** When anything came last. A minute's start says less than when its rows were seen to change. */
function anyDatumMs(
  newest: Newest,
  heard: readonly string[],
  datumMs: (metric: string) => number | null,
): number | null {
  const times = [newest.metrics, newest.logs, newest.traces].flatMap((date) => (date === null ? [] : [date.getTime()]));
  const metrics = heard.map(datumMs).filter((ms) => ms !== null);
  return times.length + metrics.length === 0 ? null : Math.max(...times, ...metrics);
}

function settleAll(
  situation: Situation,
  services: readonly ServiceDefinition[],
  settings: LeaderSettings,
  shown: ReadonlyMap<string, Standing>,
  pending: Map<string, Pending>,
): { standings: Standing[]; transitions: Transition[] } {
  const transitions: Transition[] = [];
  const standings = services.map((service) => {
    const found = { id: service.id, ...judgeService(service, situation, settings) };
    const before = shown.get(service.id);
    const step = settle(found, before, pending.get(service.id), situation.nowMs);
    if (step.pending === undefined) pending.delete(service.id);
    else pending.set(service.id, step.pending);
    if (step.isTransition && before !== undefined) transitions.push({ from: before.status, to: step.standing });
    return step.standing;
  });
  return { standings, transitions };
}

function present(
  { id, status, reason, sinceMs }: Standing,
  services: readonly ServiceDefinition[],
): StoredSummary['services'][number] {
  const name = services.find((service) => service.id === id)?.name ?? id;
  return { id, name, status, reason, since: new Date(sinceMs).toISOString() };
}

async function writeSummary(tx: TransactionSql, writer: number, summary: StoredSummary): Promise<void> {
  await tx`
    /* write-summary */
    INSERT INTO telemetry_summary (written_at, writer, summary) VALUES (clock_timestamp(), ${writer}, ${tx.json(summary)})
    ON CONFLICT (only_row) DO UPDATE SET written_at = excluded.written_at, writer = excluded.writer, summary = excluded.summary`;
}
