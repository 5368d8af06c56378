import { type StoredSummary, storedSummary } from '@command-center/contract/api/summary';
import { type Contract, defaultContract } from '@command-center/contract/contract';
import { probePolicy, type ServiceDefinition } from '@command-center/contract/services';
import type { TransactionSql } from 'postgres';
import { alertsOf } from './alerts.ts';
import { readErrorRecords } from './bursts.ts';
import { createFreshness } from './freshness.ts';
import { createHistory, type History, historyMinutes, joinsOf } from './history.ts';
import { maxHistoryRows } from './limits.ts';
import { fromMinuteMs, minuteMs, newestCompleteMs, since } from './measures.ts';
import { metadataOf } from './metadata.ts';
import { type Newest, readNewest } from './newest.ts';
import { readMinutes, readSeries, type Series } from './recent.ts';
import { type Judgement, judgedMetrics, judgeService, type ProbeResults } from './services.ts';
import type { LeaderSettings } from './settings.ts';
import { hourMetrics, minuteNames, type Ratio, situationOf, summaryMetrics } from './situation.ts';
import { readStandings, readTransitions, type Transition, writeStandings } from './standings.ts';
import { type Pending, type Standing, settle } from './transitions.ts';
import { verdictOf } from './verdict.ts';
import { vitalSigns } from './vitalSigns.ts';
import { voiceOf } from './voice.ts';

/** Minutes before the open one that each pass reads: the 5 min that ratios and percentiles look back. */
const RECENT_MINUTES = 5;

/** Two findings of one leader are in a row when no more than this lies between them: one pass and the length of another. Past it the leader was held up, or frozen. */
const MAX_GAP_MS = 2 * probePolicy.intervalMs;

export interface Summariser {
  /**
   * Judges the present, with what the probes of this pass said, and writes `telemetry_summary`, service health and its transitions; `writer` is
   * the leader.
   */
  summarise(tx: TransactionSql, writer: number, probed?: ProbeResults): Promise<StoredSummary>;
  /** The transaction of the last pass was committed: what it found counts as found once. */
  committed(): void;
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
  let found: Found = { atMs: Number.NEGATIVE_INFINITY, pending: new Map() };
  let last = found;
  return {
    committed: () => {
      found = last;
    },
    summarise: async (tx, writer, probed = new Map()) => {
      const { nowMs, previous, previousWriter } = await readPrevious(tx);
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
        {
          nowMs,
          datumMs: freshness.datumMs,
          anyDatumMs: anyDatumMs(newest, metrics, freshness.datumMs),
          errorRecords: await readErrorRecords(tx, nowMs),
        },
        processMemoryLimitBytes,
      );
      const isInARow = previousWriter === writer && nowMs - found.atMs <= MAX_GAP_MS;
      const { standings, transitions, pending } = settleAll(
        services,
        (service) => judgeService(service, situation, settings, probed),
        { nowMs, shown: await readStandings(tx, services), pending: isInARow ? found.pending : new Map() },
      );
      last = { atMs: nowMs, pending };
      await writeStandings(tx, standings, transitions, nowMs);
      const signs = vitalSigns(situation, bounds, history.sparklines(newestMs));
      const service = settings.primaryService ?? history.busiestService();
      const openJoins = since(rows.get(minuteNames.joins) ?? [], newestMs + minuteMs);
      const alerts = alertsOf(situation, bounds, previous?.alerts ?? []);
      const summary: StoredSummary = {
        verdict: verdictOf({ signs, standings, alerts }, previous?.verdict, nowMs, services),
        vital_signs: signs,
        services: standings.map((standing) => present(standing, services)),
        transitions: await readTransitions(tx, nowMs),
        voice: voiceOf(situation, sumOf(history.joins(), joinsOf(openJoins))),
        alerts,
        metadata: metadataOf(service, series, rows),
        started_at: startedAt.toISOString(),
        freshness: {
          metrics: newest.metrics?.toISOString() ?? null,
          logs: newest.logs?.toISOString() ?? null,
          traces: newest.traces?.toISOString() ?? null,
        },
      };
      await writeSummary(tx, writer, summary);
      return summary;
    },
  };
}

/** The changes that a pass found and that are not confirmed yet. */
interface Found {
  /** Of the database's clock. */
  readonly atMs: number;
  readonly pending: ReadonlyMap<string, Pending>;
}

function sumOf(a: Ratio, b: Ratio): Ratio {
  return { numerator: a.numerator + b.numerator, denominator: a.denominator + b.denominator };
}

interface Previous {
  /** Of the database's clock. */
  readonly nowMs: number;
  readonly previous: StoredSummary | undefined;
  /** Another one's: findings before that are not in a row with one's own. */
  readonly previousWriter: number | null;
}

/** The database's clock, and the summary this one replaces. */
async function readPrevious(tx: TransactionSql): Promise<Previous> {
  const [row] = await tx<{ now_ms: number; writer: number | null; summary: unknown }[]>`
    /* read-previous-summary */
    SELECT extract(epoch FROM clock_timestamp())::double precision * 1000 AS now_ms, s.writer, s.summary
    FROM (VALUES (true)) AS only_row LEFT JOIN telemetry_summary s ON true`;
  if (row === undefined) throw new Error('read-previous-summary returned no row');
  return { nowMs: row.now_ms, previous: storedSummary.safeParse(row.summary).data, previousWriter: row.writer };
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
  const kept = series.filter(({ metric }) => hourMetrics.includes(metric));
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
  services: readonly ServiceDefinition[],
  judge: (service: ServiceDefinition) => Judgement,
  known: {
    readonly nowMs: number;
    readonly shown: ReadonlyMap<string, Standing>;
    readonly pending: ReadonlyMap<string, Pending>;
  },
): { standings: Standing[]; transitions: Transition[]; pending: ReadonlyMap<string, Pending> } {
  const transitions: Transition[] = [];
  const pending = new Map<string, Pending>();
  const standings = services.map((service) => {
    const before = known.shown.get(service.id);
    const found = { id: service.id, ...judge(service) };
    const step = settle(found, before, known.pending.get(service.id), known.nowMs);
    if (step.pending !== undefined) pending.set(service.id, step.pending);
    if (step.isTransition && before !== undefined) transitions.push({ from: before.status, to: step.standing });
    return step.standing;
  });
  return { standings, transitions, pending };
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
