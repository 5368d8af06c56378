import type { Distribution, VoiceQuality } from '@command-center/contract/api/voice';
import type { Catalogue } from '@command-center/contract/catalogue/catalogue';
import type { CatalogueEntry } from '@command-center/contract/catalogue/entry';
import { binsOf } from '@command-center/contract/sketch/bins';
import { noSketches } from '@command-center/contract/sketch/frames';
import { mergeSketches } from '@command-center/contract/sketch/mergeEncoded';
import type { TransactionSql } from 'postgres';
import { limits } from '../limits.ts';
import { type BadParameter, periodOf } from '../requests/window.ts';
import type { Chart } from '../totals/coverage.ts';
import { membersBy } from '../totals/members.ts';
import { readProgress, readTotals, type Total } from '../totals/readTotals.ts';
import { readSeries } from '../totals/series.ts';
import { pointsOf, type SeriesText, seriesText } from '../trends/pointsText.ts';
import { readTogether } from '../trends/readTrend.ts';
import { joined, outcomeLabel, voiceMetrics } from './metrics.ts';

type QualityCounts = VoiceQuality['quality']['totals'];

/** How good voice was over time, as JSON. */
export async function readVoiceQuality(
  tx: TransactionSql,
  { window, resolution }: Chart,
  catalogue: Catalogue,
  nowMs: number,
): Promise<{ readonly text: string } | { readonly refusal: BadParameter }> {
  const trend = (metric: string, by?: string) => ({ entry: entryOf(catalogue, metric), by, resolution });
  const asked = [
    trend(voiceMetrics.packetLoss),
    trend(voiceMetrics.jitter),
    trend(voiceMetrics.latency),
    trend(voiceMetrics.rtp),
    trend(voiceMetrics.joins, outcomeLabel),
    trend(voiceMetrics.quality, 'quality'),
  ];
  const distributed = [voiceMetrics.duration, voiceMetrics.participants];
  const [series, progress, together] = await Promise.all([
    readSeries(tx, distributed, {}),
    readProgress(tx, distributed, window, nowMs),
    readTogether(tx, asked, window, { nowMs, pointsLeft: limits.trendPoints }),
  ]);
  if ('refusal' in series) return series;
  if ('refusal' in together) return together;
  const [packetLoss, jitter, latency, rtp, joins, quality] = together.trends;
  const members = membersBy(series.found, ({ metric_name }) => metric_name);
  const totals = await readTotals(tx, 'histogram', members, window, progress);
  const distribution = (metric: string) =>
    distributionOf(totals.get(members.keys.indexOf(metric)), entryOf(catalogue, metric).unit);
  const counts = qualityOf(quality ?? []);
  const head = {
    ...periodOf(window),
    resolution: resolution.name,
    join_success: joinSuccessOf(joins ?? []),
    quality: { totals: added(counts), points: counts },
    session_duration: distribution(voiceMetrics.duration),
    participants: distribution(voiceMetrics.participants),
  };
  const charts = { packet_loss: packetLoss, jitter, latency, rtp };
  const texts = Object.entries(charts).map(([name, all]) => {
    const one = all?.[0];
    if (one === undefined) throw new Error('a trend without `by` is one series');
    return `"${name}":${seriesText(one)}`;
  });
  return { text: `${JSON.stringify(head).slice(0, -1)},${texts.join(',')}}` };
}

function entryOf(catalogue: Catalogue, metric: string): CatalogueEntry {
  const entry = catalogue.entryOf(metric);
  if (entry === undefined) throw new Error(`${metric} is not in the contract`);
  return entry;
}

/** Increases of the windows by the value of the label that the series are split by; '' = none. */
function sumsByWindow(series: readonly SeriesText[], label: string): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const windows = new Map<string, Map<string, number>>();
  for (const one of series) {
    const value = String(one.labels[label] ?? '');
    for (const { ts, sum } of pointsOf(one)) {
      const known = windows.get(ts) ?? new Map<string, number>();
      known.set(value, (known.get(value) ?? 0) + (sum ?? 0));
      windows.set(ts, known);
    }
  }
  return new Map([...windows].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function joinSuccessOf(series: readonly SeriesText[]): VoiceQuality['join_success'] {
  return [...sumsByWindow(series, outcomeLabel)].map(([ts, sums]) => {
    const numerator = sums.get(joined) ?? 0;
    const n = [...sums.values()].reduce((total, sum) => total + sum, 0);
    return { ts, value: n > 0 ? (100 * numerator) / n : null, n, numerator };
  });
}

function qualityOf(series: readonly SeriesText[]): VoiceQuality['quality']['points'] {
  return [...sumsByWindow(series, 'quality')].map(([ts, sums]) => ({ ts, ...countsOf((name) => sums.get(name) ?? 0) }));
}

function added(points: readonly QualityCounts[]): QualityCounts {
  return countsOf((name) => points.reduce((sum, point) => sum + point[name], 0));
}

function countsOf(count: (name: keyof QualityCounts) => number): QualityCounts {
  return { poor: count('poor'), fair: count('fair'), good: count('good'), excellent: count('excellent') };
}

function distributionOf(total: Total | undefined, unit: string): Distribution {
  const { bins, isEstimated } = binsOf(mergeSketches(total?.sketches ?? noSketches));
  return { unit, count: total?.count ?? 0, bins: [...bins], estimated: isEstimated };
}
