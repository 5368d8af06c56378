import { numberArray, textArray } from '@command-center/drizzle/arrays';
import { transaction } from '@command-center/drizzle/transaction';
import type { Sql, TransactionSql } from 'postgres';

/** A series that a batch needs: a metric's canonical name and the canonical JSON of its labels. */
export interface WantedSeries {
  readonly metricName: string;
  readonly labelsKey: string;
}

export interface AdmittedSeries extends WantedSeries {
  /** Null where the metric's budget is spent: the sample goes into the overflow series. */
  readonly id: number | null;
}

/**
 * Admits series to their metrics' budgets (contract.md §1, "Budget"): first come, over all sidecars, a slot idle for 24 h is free. Its own
 * short transaction, committed before the batch, that locks the metric's row; metrics are taken in name order, so that two sidecars cannot
 * deadlock. Renews `last_seen`. The overflow series is always admitted and never counted.
 */
export async function admitSeries(
  sql: Sql,
  wanted: readonly WantedSeries[],
  maxSeriesPerMetric: number,
  overflowKey: string,
): Promise<AdmittedSeries[]> {
  const byMetric = Map.groupBy(wanted, (series) => series.metricName);
  const metricNames = [...byMetric.keys()].sort();
  if (metricNames.length === 0) return [];
  return transaction(sql, 'isolation level read committed', async (tx) => {
    await tx`
      /* add-budgets */
      INSERT INTO telemetry_metric_budgets (metric_name) SELECT unnest(${textArray(metricNames)}::text[]) ON CONFLICT DO NOTHING`;
    await tx`
      /* lock-budgets */
      SELECT metric_name FROM telemetry_metric_budgets WHERE metric_name = ANY (${textArray(metricNames)}::text[])
      ORDER BY metric_name FOR UPDATE`;
    const known = await readKnown(tx, wanted, metricNames, overflowKey);
    const used = await readUsed(tx, metricNames, overflowKey);
    const chosen = choose(byMetric, known, used, maxSeriesPerMetric, overflowKey);
    await tx`
      /* renew-series */
      UPDATE telemetry_metric_series SET last_seen = now() WHERE id = ANY (${numberArray(chosen.renewed)}::integer[])`;
    const added = await addSeries(tx, chosen.added);
    return [...chosen.admitted, ...added];
  });
}

interface KnownSeries extends WantedSeries {
  readonly id: number;
  readonly isActive: boolean;
}

/** The wanted series that exist, matched as jsonb so that key order and spacing do not matter. */
async function readKnown(
  tx: TransactionSql,
  wanted: readonly WantedSeries[],
  metricNames: readonly string[],
  overflowKey: string,
): Promise<Map<string, KnownSeries>> {
  const all = [...wanted, ...metricNames.map((metricName) => ({ metricName, labelsKey: overflowKey }))];
  const rows = await tx<{ id: number; ordinal: string; is_active: boolean }[]>`
    /* read-known-series */
    SELECT s.id, r.ordinal, s.last_seen > now() - interval '24 hours' AS is_active
    FROM unnest(${textArray(all.map((series) => series.metricName))}::text[], ${textArray(all.map((series) => series.labelsKey))}::text[])
      WITH ORDINALITY AS r(metric_name, labels, ordinal)
    JOIN telemetry_metric_series AS s ON s.metric_name = r.metric_name AND s.scope = 'cluster' AND s.labels = r.labels::jsonb`;
  const known = new Map<string, KnownSeries>();
  for (const row of rows) {
    const series = all[Number(row.ordinal) - 1];
    if (series !== undefined) known.set(keyOf(series), { ...series, id: row.id, isActive: row.is_active });
  }
  return known;
}

/** Slots in use by metric: series with a sample in the last 24 h, the overflow series apart. */
async function readUsed(
  tx: TransactionSql,
  metricNames: readonly string[],
  overflowKey: string,
): Promise<Map<string, number>> {
  const rows = await tx<{ metric_name: string; n: string }[]>`
    /* count-used-series */
    SELECT metric_name, count(*) AS n FROM telemetry_metric_series
    WHERE metric_name = ANY (${textArray(metricNames)}::text[]) AND last_seen > now() - interval '24 hours'
      AND labels <> ${overflowKey}::text::jsonb
    GROUP BY metric_name`;
  return new Map(rows.map((row) => [row.metric_name, Number(row.n)]));
}

interface Choice {
  readonly admitted: AdmittedSeries[];
  readonly renewed: number[];
  readonly added: WantedSeries[];
}

function choose(
  byMetric: ReadonlyMap<string, readonly WantedSeries[]>,
  known: ReadonlyMap<string, KnownSeries>,
  used: ReadonlyMap<string, number>,
  maxSeriesPerMetric: number,
  overflowKey: string,
): Choice {
  const choice: Choice = { admitted: [], renewed: [], added: [] };
  const admit = (series: WantedSeries, existing: KnownSeries | undefined): void => {
    if (existing === undefined) {
      choice.added.push(series);
      return;
    }
    choice.renewed.push(existing.id);
    choice.admitted.push({ ...series, id: existing.id });
  };
  for (const [metricName, wanted] of byMetric) {
    let free = maxSeriesPerMetric - (used.get(metricName) ?? 0);
    let isOverflowing = false;
    for (const series of wanted) {
      if (series.labelsKey === overflowKey) continue;
      const existing = known.get(keyOf(series));
      if (existing?.isActive !== true && free <= 0) {
        isOverflowing = true;
        choice.admitted.push({ ...series, id: null });
        continue;
      }
      if (existing?.isActive !== true) free -= 1;
      admit(series, existing);
    }
    const overflow = { metricName, labelsKey: overflowKey };
    if (isOverflowing || wanted.some((series) => series.labelsKey === overflowKey))
      admit(overflow, known.get(keyOf(overflow)));
  }
  return choice;
}

async function addSeries(tx: TransactionSql, added: readonly WantedSeries[]): Promise<AdmittedSeries[]> {
  if (added.length === 0) return [];
  const rows = await tx<{ id: number; ordinal: string }[]>`
    /* add-series */
    WITH r AS (
      SELECT * FROM unnest(${textArray(added.map((series) => series.metricName))}::text[],
        ${textArray(added.map((series) => series.labelsKey))}::text[]) WITH ORDINALITY AS u(metric_name, labels, ordinal)),
    inserted AS (
      INSERT INTO telemetry_metric_series (metric_name, labels) SELECT metric_name, labels::jsonb FROM r ORDER BY ordinal
      RETURNING id, metric_name, labels)
    SELECT inserted.id, r.ordinal FROM inserted JOIN r ON r.metric_name = inserted.metric_name AND r.labels::jsonb = inserted.labels`;
  return rows.flatMap((row) => {
    const series = added[Number(row.ordinal) - 1];
    return series === undefined ? [] : [{ ...series, id: row.id }];
  });
}

function keyOf(series: WantedSeries): string {
  return `${series.metricName} ${series.labelsKey}`;
}
