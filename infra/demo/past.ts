import { type HrTime, SeverityNumber } from '@opentelemetry/api';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type MetricWriter, metricWriter } from './pastMetrics.ts';
import type { Answer, Conditions, Said, Service } from './platform.ts';
import { type Random, seededRandom } from './random.ts';
import { hasFailed } from './requests.ts';
import { crowdAt, pastIntensityAt } from './story.ts';

/**
 * What a service would have reported in minutes that have passed: a function of the seed, the service and the minute alone, so that a past that
 * is sent again is the same, and the door knows it.
 */

export const MINUTE_MS = 60_000;
const MINUTE_S = 60;
/** Of what was said and what failed, the part that is kept for the past: thousands of log records and spans a month. */
const REPORTED_SHARE = 1 / 40;
/** Of the requests that succeeded, the part whose spans are kept, and how much more of them at the worst of an incident. */
const SAMPLED_SHARE = 1 / 10_000;
const SAMPLED_IN_INCIDENT = 1 / 500;
/** Minutes are not as alike as the model: standard deviation of the logarithm of a minute's median. */
const UNEVENNESS = 0.04;

/** A request or a log record worth a span or a row; epoch milliseconds. */
export type PastEvent = { readonly minute: number; readonly ids: number; readonly atMs: number } & (
  | { readonly type: 'request'; readonly answer: Answer; readonly durationMs: number }
  | { readonly type: 'said'; readonly said: Said }
);

export interface Past {
  readonly metrics: ResourceMetrics;
  readonly events: readonly PastEvent[];
}

/** Whole minutes since the epoch, [from, to). */
export function pastOf(service: Service, seed: number, from: number, to: number): Past {
  const writer = metricWriter(service);
  const events: PastEvent[] = [];
  for (let minute = from; minute < to; minute += 1) {
    const random = seededRandom(seedOf(seed, service.name, minute));
    const middleMs = (minute + 0.5) * MINUTE_MS;
    const conditions = { intensity: pastIntensityAt(middleMs), crowd: crowdAt(middleMs), nowMs: middleMs };
    writeMinute(service, minute, conditions, random, writer, events);
  }
  return { metrics: writer.written(), events };
}

function writeMinute(
  service: Service,
  minute: number,
  conditions: Conditions,
  random: Random,
  writer: MetricWriter,
  events: PastEvent[],
): void {
  const [start, end] = [timeOf(minute), timeOf(minute + 1)];
  const event = () => ({
    minute,
    ids: random.integer(0, 2 ** 32 - 1),
    atMs: minute * MINUTE_MS + random.integer(1, MINUTE_MS - 1),
  });
  for (const measured of service.measured) {
    const values = random.poisson(measured.rate(conditions) * MINUTE_S);
    if (values === 0) continue;
    const median = random.logNormal(measured.median(conditions), UNEVENNESS);
    writer.measure(measured, values, median, random, start, end);
    const { answer } = measured;
    if (answer === undefined) continue;
    const share = hasFailed(answer) ? REPORTED_SHARE : SAMPLED_SHARE + SAMPLED_IN_INCIDENT * conditions.intensity;
    for (let reports = random.poisson(values * share); reports > 0; reports -= 1) {
      const durationMs = 1_000 * random.logNormal(median, measured.spread);
      events.push({ ...event(), type: 'request', answer, durationMs });
    }
  }
  for (const counted of service.counted)
    writer.count(counted, random.poisson(counted.rate(conditions) * MINUTE_S), start, end);
  for (const level of service.levels) writer.read(level, level.read(conditions, random), start, end);
  for (const said of service.said) {
    // What is below WARN nobody keeps.
    if (said.severity < SeverityNumber.WARN) continue;
    const records = random.poisson(said.rate(conditions) * MINUTE_S * REPORTED_SHARE);
    for (let record = 0; record < records; record += 1) events.push({ ...event(), type: 'said', said });
  }
}

/** Nothing at all over whole minutes since the epoch, [from, to), in each stream of increases: what pastOf gives for them later is known then. */
export function claimOf(service: Service, from: number, to: number): ResourceMetrics {
  const writer = metricWriter(service);
  const [start, end] = [timeOf(from), timeOf(to)];
  const random = seededRandom(0);
  for (const measured of service.measured) writer.measure(measured, 0, 1, random, start, end);
  for (const counted of service.counted) writer.count(counted, 0, start, end);
  return writer.written();
}

/** Beginning of a minute. */
function timeOf(minute: number): HrTime {
  return [minute * MINUTE_S, 0];
}

/** FNV-1a, so that neighbours in time and services have nothing in common. */
function seedOf(seed: number, service: string, minute: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}:${service}:${minute}`)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
