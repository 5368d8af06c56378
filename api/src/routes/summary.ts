import { type StoredSummary, type Summary, summary, type VitalSign } from '@command-center/contract/api/summary';
import { defaultContract } from '@command-center/contract/contract';
import { summaryStaleMs } from '@command-center/contract/retention';
import type { ServiceDefinition } from '@command-center/contract/services';
import { createRoute } from '@hono/zod-openapi';
import type { z } from 'zod';
import type { Audit } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { failureOf } from '../failures.ts';
import { readSummary, summaryRow } from '../queries/readSummary.ts';
import { noParameters } from '../requests/parameters.ts';
import { readRows } from '../statement.ts';
import { type Api, basePath, security, viewResponses } from './declaration.ts';

type SummaryRow = z.infer<typeof summaryRow>;

const route = createRoute({
  method: 'get',
  path: `${basePath}/summary`,
  summary: 'Is something wrong, what, and since when',
  security,
  request: { query: noParameters },
  responses: viewResponses('Summary', summary, 'Verdict, vital signs, services, alerts, metadata, freshness.'),
});

export function addSummary(api: Api, deps: Deps, audit: Audit): void {
  const { services } = deps.contract ?? defaultContract;
  const now = deps.now ?? Date.now;
  let last: { readonly row: SummaryRow; readonly readAtMs: number } | undefined;
  let awaySinceMs: number | undefined;
  api.openapi(route, async (c) => {
    try {
      const [row] = await readRows(deps.sql, summaryRow, readSummary);
      if (row === undefined) throw new Error('read_summary answers one row always');
      last = { row, readAtMs: now() };
      awaySinceMs = undefined;
      return c.json(present(row, services, audit.failures()));
    } catch (error) {
      const { refusal } = failureOf(error);
      if (last === undefined || refusal.code !== 'database_unavailable') throw error;
      awaySinceMs ??= now();
      deps.log?.({ level: 'warn', event: refusal.code, message: refusal.detail, fields: { path: c.req.path } });
      const answer = remembered(last.row, now() - last.readAtMs, services, audit.failures());
      return c.json(withoutDatabase(answer, awaySinceMs, deps.settings.probePostgresUrl === undefined));
    }
  });
}

/** The last row that this process read, as old as it is now. */
function remembered(
  row: SummaryRow,
  elapsedMs: number,
  services: readonly ServiceDefinition[],
  auditFailures: number,
): Summary {
  const { now, age_s, written_at, summary } = row;
  const later = new Date(now.getTime() + elapsedMs);
  const age = age_s === null ? null : age_s + elapsedMs / 1000;
  const stored = summary ?? neverWritten(now, services);
  return {
    ...outdated(stored, written_at, age),
    written_at: written_at?.toISOString() ?? null,
    stale: true,
    now: later.toISOString(),
    audit_failures: auditFailures,
  };
}

const databaseId = 'postgresql';

/** What was known before the database fell silent: who writes summaries may be well, so the database is what is said to be down. */
function withoutDatabase(known: Summary, sinceMs: number, isProbed: boolean): Summary {
  const since = new Date(sinceMs).toISOString();
  const reason = `the database of Command Center has not answered since ${since}`;
  return {
    ...known,
    verdict: { status: 'down', reason, since },
    services: known.services.map((service) =>
      service.id === databaseId && isProbed
        ? { ...service, status: 'down', reason: `down: ${reason}`, since }
        : { ...service, status: 'unknown', reason, since },
    ),
  };
}

/** A summary older than 15 s says nothing about now (design §6). */
function present(row: SummaryRow, services: readonly ServiceDefinition[], auditFailures: number): Summary {
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

function outdated(stored: StoredSummary, writtenAt: Date | null, ageS: number | null): StoredSummary {
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
  };
}

/** What is true of a database that no sidecar has ever written a summary into. */
function neverWritten(now: Date, services: readonly ServiceDefinition[]): StoredSummary {
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
    alerts: [],
    metadata: { service: null, version: null, environment: null, uptime_s: null, users_active: null, guilds: null },
    started_at: now.toISOString(),
    freshness: { metrics: null, logs: null, traces: null },
  };
}
