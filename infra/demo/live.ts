import { type Attributes, SeverityNumber } from '@opentelemetry/api';
import { AggregationType, type ViewOptions } from '@opentelemetry/sdk-metrics';
import type { Conditions, Counter, Histogram, Measured, Reading, Said, Service } from './platform.ts';
import type { Random } from './random.ts';
import { hasFailed, reportRequest } from './requests.ts';
import { openSender, type Sender, type SenderOptions } from './sender.ts';

/** One moment of the story. */
export interface Moment extends Conditions {
  /** Seconds of the story since the last moment. */
  readonly seconds: number;
}

/** A service that reports with the official SDK while it lives. */
export interface LiveService {
  /** Lives through a moment: records what happened in it. */
  live(moment: Moment): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** What a service needs to be opened. */
export interface Surroundings extends Pick<SenderOptions, 'endpoint' | 'tally'> {
  readonly random: Random;
}

const SAMPLED_SHARE = 0.05;
/** Of each kind, a moment: every failure is logged and traced, and every record said, up to this many. */
const MAX_REPORTED = 20;
/** Values of one histogram stream a moment. */
const MAX_VALUES = 5_000;
/** Milliseconds: requests ended within the second before the moment. */
const LATEST_END_MS = 900;

export function openLive(service: Service, { endpoint, tally, random }: Surroundings): LiveService {
  const sender = openSender({ endpoint, tally, service, views: viewsOf(service) });
  const counterOf = remembered((name, { unit }: Counter) => sender.meter.createCounter(name, { unit }));
  const histogramOf = remembered((name, { unit }: Histogram) => sender.meter.createHistogram(name, { unit }));
  const observe = observeLevels(service, sender);
  return {
    live: (moment) => {
      let failures = 0;
      const mayReport = (measured: Measured): boolean => {
        if (measured.answer === undefined) return false;
        if (!hasFailed(measured.answer)) return random.chance(SAMPLED_SHARE);
        failures += 1;
        return failures <= MAX_REPORTED;
      };
      for (const measured of service.measured) {
        const { attributes, answer } = measured;
        const values = valuesOf(measured, moment, random);
        for (const value of values) {
          histogramOf(measured.histogram).record(value, attributes);
          if (answer !== undefined && mayReport(measured))
            reportRequest(sender, answer, value * 1_000, moment.nowMs - random.integer(0, LATEST_END_MS));
        }
        if (values.length > 0)
          for (const counter of measured.counters ?? []) counterOf(counter).add(values.length, attributes);
      }
      for (const { counter, attributes, rate } of service.counted)
        counterOf(counter).add(random.poisson(rate(moment) * moment.seconds), attributes);
      observe(moment, random);
      for (const said of service.said) {
        const times = Math.min(MAX_REPORTED, random.poisson(said.rate(moment) * moment.seconds));
        for (let time = 0; time < times; time += 1) say(sender, said, moment.nowMs);
      }
    },
    flush: () => sender.flush(),
    close: () => sender.close(),
  };
}

function viewsOf({ measured }: Service): ViewOptions[] {
  const histograms = new Map(measured.map(({ histogram }) => [histogram.name, histogram]));
  return [...histograms.values()].map(({ name, bounds }) => ({
    instrumentName: name,
    aggregation:
      bounds === undefined
        ? { type: AggregationType.EXPONENTIAL_HISTOGRAM }
        : { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [...bounds] } },
  }));
}

/** One instrument a name. */
function remembered<T extends { readonly name: string }, I>(create: (name: string, of: T) => I): (of: T) => I {
  const known = new Map<string, I>();
  return (of) => {
    const instrument = known.get(of.name) ?? create(of.name, of);
    known.set(of.name, instrument);
    return instrument;
  };
}

function valuesOf({ rate, median, spread }: Measured, moment: Moment, random: Random): readonly number[] {
  const values = Math.min(MAX_VALUES, random.poisson(rate(moment) * moment.seconds));
  return Array.from({ length: values }, () => random.logNormal(median(moment), spread));
}

/** Instruments that show what was read last. */
function observeLevels({ levels }: Service, { meter }: Sender): (conditions: Conditions, random: Random) => void {
  const last = new Map<string, readonly Reading[]>();
  for (const { kind, name, unit } of levels) {
    const instrument =
      kind === 'gauge'
        ? meter.createObservableGauge(name, { unit })
        : meter.createObservableUpDownCounter(name, { unit });
    instrument.addCallback((result: { observe(value: number, attributes?: Attributes): void }) => {
      for (const { value, attributes } of last.get(name) ?? []) result.observe(value, attributes);
    });
  }
  return (conditions, random) => {
    for (const level of levels) last.set(level.name, level.read(conditions, random));
  };
}

/** Emits a log record of this time, epoch milliseconds. */
export function say({ logger }: Sender, { severity, event, body, attributes }: Said, atMs: number): void {
  logger.emit({
    timestamp: atMs,
    observedTimestamp: atMs,
    severityNumber: severity,
    severityText: SeverityNumber[severity],
    eventName: event,
    body,
    attributes,
  });
}
