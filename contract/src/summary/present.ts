import { z } from 'zod';
import { noVoice, type StoredSummary, type Summary, storedSummary, type VitalSign } from '../api/summary.ts';
import { summaryStaleMs } from '../retention.ts';
import type { ServiceDefinition } from '../services.ts';

/** What is read of `telemetry_summary`, with the database's clock. */
export const summaryRow = z.object({
  now: z.date(),
  written_at: z.date().nullable(),
  age_s: z.number().nullable(),
  summary: storedSummary.nullable(),
});
export type SummaryRow = z.infer<typeof summaryRow>;

/** A summary older than 15 s says nothing about now (design §6). */
export function presentSummary(
  row: SummaryRow,
  services: readonly ServiceDefinition[],
  auditFailures: number,
): Summary {
  const { now, written_at, age_s } = row;
  const isStale = age_s === null || age_s * 1000 > summaryStaleMs;
  const stored = row.summary ?? neverWritten(now, services);
  return {
    ...(isStale ? outdated(stored, written_at, age_s) : stored),
    written_at: written_at?.toISOString() ?? null,
    stale: isStale,
    now: now.toISOString(),
    audit_failures: auditFailures,
  };
}

const pipelineId = 'otel_pipeline';

export function outdated(stored: StoredSummary, writtenAt: Date | null, ageS: number | null): StoredSummary {
  const since = writtenAt?.toISOString() ?? null;
  const reason = since === null ? 'no sidecar has written yet' : `no sidecar has written since ${since}`;
  const sign = (one: VitalSign): VitalSign => ({
    ...one,
    value: null,
    colour: null,
    unknown: true,
    numerator: null,
    quality: null,
    lo: null,
    hi: null,
    age_s: one.age_s === null || ageS === null ? null : one.age_s + ageS,
  });
  const { latency, traffic, errors, saturation } = stored.vital_signs;
  return {
    ...stored,
    verdict: { status: since === null ? 'unknown' : 'down', reason: `OTel Pipeline: ${reason}`, since },
    vital_signs: { latency: sign(latency), traffic: sign(traffic), errors: sign(errors), saturation: sign(saturation) },
    services: stored.services.map((service) =>
      service.id === pipelineId && since !== null
        ? { ...service, status: 'down', reason: `down: ${reason}`, since }
        : { ...service, status: 'unknown', reason, since },
    ),
    alerts: [],
    voice: noVoice,
  };
}

/** What is true of a database that no sidecar has ever written a summary into. */
export function neverWritten(now: Date, services: readonly ServiceDefinition[]): StoredSummary {
  const sign = (unit: string, subject: string): VitalSign => ({
    value: null,
    unit,
    colour: null,
    unknown: true,
    n: null,
    numerator: null,
    subject,
    quality: null,
    lo: null,
    hi: null,
    thresholds: { warn: null, crit: null },
    age_s: null,
    sparkline: [],
  });
  return {
    verdict: { status: 'unknown', reason: 'no sidecar has written yet', since: null },
    vital_signs: {
      latency: sign('ms', 'p95 over 5 min'),
      traffic: sign('/s', 'requests over 1 min'),
      errors: sign('%', '5xx over 5 min'),
      saturation: sign('%', 'fullest resource'),
    },
    services: services.map(({ id, name }) => ({
      id,
      name,
      status: 'unknown',
      reason: 'no sidecar has written yet',
      since: null,
    })),
    transitions: [],
    alerts: [],
    voice: noVoice,
    metadata: { service: null, version: null, environment: null, uptime_s: null, users_active: null, guilds: null },
    started_at: now.toISOString(),
    freshness: { metrics: null, logs: null, traces: null },
  };
}
