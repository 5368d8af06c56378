import type { ReasonCode } from '@command-center/contract/reasons';
import { maxAheadMs, retentionMs } from '@command-center/contract/retention';
import { POINT_ROW, type PointTable, ROW_WIDTH, TIME_MS, TIME_NS } from '../decode/pointTable.ts';
import type { Metric, SentStream } from '../decode/records.ts';
import { type CuratedPoints, CuratedStream, type PointRefusal } from './curated.ts';
import { streamDigest } from './digest.ts';
import { MAX_RECALLED_REFUSALS, MAX_RECALLED_STREAMS } from './limits.ts';
import { type MetricPlan, makePlan, type Plan } from './metricPlan.ts';
import { isStaleMarker, valueProblem } from './pointChecks.ts';
import { Recall } from './recall.ts';
import { rowProblem } from './rowChecks.ts';
import { UNKNOWN_SERVICE } from './sender.ts';
import { createPlacer, type Placement, type PointTools } from './streams.ts';

/** A metric's plan, and what was refused of it. */
interface MetricKnowledge {
  readonly metric: Metric;
  readonly plan: Plan;
  readonly refusals: Recall<PointRefusal>;
}

/** What a stream's memo holds of this curator. */
class StreamKnowledge {
  readonly curator: PointCurator;
  /** Why no point of it is kept, or its plan. */
  readonly verdict: CuratedStream | PointRefusal;
  /** How many routes were known when its route was guessed; -1 = it was not guessed. */
  readonly routesKnown: number;

  constructor(curator: PointCurator, verdict: CuratedStream | PointRefusal, routesKnown: number) {
    this.curator = curator;
    this.verdict = verdict;
    this.routesKnown = routesKnown;
  }
}

/** Metric points through the contract: which series they feed, under which labels, from which stream (contract.md §1, §4). */
export class PointCurator {
  readonly #tools: PointTools;
  readonly #metrics = new WeakMap<Metric, MetricKnowledge>();
  /** By stream digest: of streams that come as new objects each time. */
  readonly #streams = new Recall<StreamKnowledge>(MAX_RECALLED_STREAMS);
  readonly #place: (stream: SentStream, plan: MetricPlan) => Placement;

  #last: MetricKnowledge | undefined;

  constructor(tools: PointTools) {
    this.#tools = tools;
    this.#place = createPlacer(tools);
  }

  curate(table: PointTable): CuratedPoints {
    const nowMs = this.#tools.nowMs();
    const oldestMs = nowMs - retentionMs;
    const newestMs = nowMs + maxAheadMs;
    const streams: (CuratedStream | undefined)[] = [];
    const refusals = new Map<PointRefusal, number>();
    const { numbers } = table;
    for (let row = 0; row < table.length; row += 1) {
      const sent = table.streams[row];
      if (sent === undefined) break;
      const timeMs = numbers[row * ROW_WIDTH + TIME_MS] ?? 0;
      // Time comes before everything: what is too old is the sender's loss, whatever it is called.
      const verdict =
        timeMs < oldestMs || timeMs > newestMs || timeMs === 0
          ? this.#untimely(table, row, sent, timeMs < oldestMs)
          : this.#verdictOf(table, row, sent);
      if (verdict instanceof CuratedStream) streams.push(verdict);
      else {
        streams.push(undefined);
        refusals.set(verdict, (refusals.get(verdict) ?? 0) + 1);
      }
    }
    return { table, streams, refusals };
  }

  #verdictOf(table: PointTable, row: number, sent: SentStream): CuratedStream | PointRefusal {
    const isPoint = table.typeOf(row) === POINT_ROW;
    const isMarker = isPoint && isStaleMarker(table.content(row));
    const { plan } = this.#knowledgeOf(sent.metric);
    if (plan.outcome !== 'kept') {
      // Nothing of a marker is checked, so nothing of it can be refused.
      const isExcused = isMarker && plan.outcome === 'rejected';
      if (isExcused) return this.#refusal(sent.metric, 'dropped', 'no_recorded_value');
      return this.#refusal(sent.metric, plan.outcome, plan.reason);
    }
    if (!isMarker) {
      const problem = isPoint ? valueProblem(table.content(row)) : rowProblem(table, row, sent.metric);
      if (problem !== undefined) return this.#refusal(sent.metric, 'rejected', problem);
    }
    return this.#streamOf(sent, plan).verdict;
  }

  #streamOf(sent: SentStream, plan: MetricPlan): StreamKnowledge {
    const { memo } = sent;
    if (memo instanceof StreamKnowledge && memo.curator === this && this.#isCurrent(memo)) return memo;
    const stream = streamDigest(sent);
    const recalled = this.#streams.get(stream);
    const knowledge =
      recalled !== undefined && this.#isCurrent(recalled)
        ? recalled
        : this.#streams.set(stream, this.#learn(sent, stream, plan));
    sent.memo = knowledge;
    return knowledge;
  }

  #isCurrent({ routesKnown }: StreamKnowledge): boolean {
    return routesKnown < 0 || routesKnown === this.#tools.routes.known;
  }

  #learn(sent: SentStream, stream: string, plan: MetricPlan): StreamKnowledge {
    const { subject, targets, isGuessed } = this.#place(sent, plan);
    const routesKnown = isGuessed ? this.#tools.routes.known : -1;
    if (targets.length === 0) {
      const refusal = this.#refusal(sent.metric, 'dropped', 'not_selected', subject.service);
      return new StreamKnowledge(this, refusal, routesKnown);
    }
    const { streamKind, isSigned, factor, owner } = plan;
    const plans = new CuratedStream({ subject, streamKind, isSigned, factor, owner, stream, targets });
    return new StreamKnowledge(this, plans, routesKnown);
  }

  #untimely(table: PointTable, row: number, sent: SentStream, isOld: boolean): PointRefusal {
    const at = row * ROW_WIDTH;
    const hasTime = (table.numbers[at + TIME_MS] ?? 0) > 0 || (table.numbers[at + TIME_NS] ?? 0) > 0;
    if (table.typeOf(row) === POINT_ROW && isStaleMarker(table.content(row)))
      return this.#refusal(sent.metric, 'dropped', 'no_recorded_value');
    const reason: ReasonCode = hasTime ? (isOld ? 'too_old' : 'too_new') : 'no_time';
    return this.#refusal(sent.metric, 'rejected', reason);
  }

  #knowledgeOf(metric: Metric): MetricKnowledge {
    // A metric's points come one after another.
    if (this.#last?.metric === metric) return this.#last;
    const known = this.#metrics.get(metric) ?? {
      metric,
      plan: makePlan(this.#tools.catalogue, metric),
      refusals: new Recall<PointRefusal>(MAX_RECALLED_REFUSALS),
    };
    this.#metrics.set(metric, known);
    this.#last = known;
    return known;
  }

  /** One object for all points that are refused alike. */
  #refusal(metric: Metric, outcome: PointRefusal['outcome'], reason: ReasonCode, placedService?: string): PointRefusal {
    const { refusals } = this.#knowledgeOf(metric);
    const service = placedService ?? this.#tools.senderOf(metric.resource).service ?? UNKNOWN_SERVICE;
    const key = `${outcome} ${reason} ${service}`;
    const name = this.#tools.identify(metric.name, '', []);
    return refusals.get(key) ?? refusals.set(key, { outcome, reason, service, name, receipts: [] });
  }
}
