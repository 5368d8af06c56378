import { serviceStatus } from '@command-center/contract/api/primitives';
import { type TransitionItem, transition } from '@command-center/contract/api/summary';
import type { ServiceDefinition } from '@command-center/contract/services';
import { numberArray, textArray } from '@command-center/drizzle/arrays';
import type { TransactionSql } from 'postgres';
import type { Standing } from './transitions.ts';

/** A status that has just changed. */
export interface Transition {
  readonly from: string;
  readonly to: Standing;
}

/** What `telemetry_service_health` holds of the services there are. */
export async function readStandings(
  tx: TransactionSql,
  services: readonly ServiceDefinition[],
): Promise<ReadonlyMap<string, Standing>> {
  const rows = await tx<{ service_id: string; status: string; reason: string; since: Date }[]>`
    /* read-standings */
    SELECT service_id, status, reason, since FROM telemetry_service_health
    WHERE service_id = ANY (${textArray(services.map(({ id }) => id))}::text[])`;
  return new Map(
    rows.flatMap((row): [string, Standing][] => {
      const status = serviceStatus.safeParse(row.status);
      if (!status.success) return [];
      const isHeard = status.data !== 'unknown' && status.data !== 'unconfigured';
      const standing = { id: row.service_id, status: status.data, reason: row.reason, sinceMs: row.since.getTime() };
      return [[row.service_id, { ...standing, isHeard }]];
    }),
  );
}

/** Writes the standings, and the transitions as events of their own. */
export async function writeStandings(
  tx: TransactionSql,
  standings: readonly Standing[],
  transitions: readonly Transition[],
  nowMs: number,
): Promise<void> {
  const now = new Date(nowMs);
  await tx`
    /* write-standings */
    INSERT INTO telemetry_service_health AS h (service_id, status, reason, since, checked_at)
    SELECT id, status, reason, to_timestamp(since / 1000), ${now}
    FROM unnest(${textArray(standings.map(({ id }) => id))}::text[], ${textArray(standings.map(({ status }) => status))}::text[],
      ${textArray(standings.map(({ reason }) => reason))}::text[],
      ${numberArray(standings.map(({ sinceMs }) => sinceMs))}::double precision[]) AS s(id, status, reason, since)
    ON CONFLICT (service_id) DO UPDATE SET
      status = excluded.status, reason = excluded.reason, since = excluded.since, checked_at = excluded.checked_at`;
  if (transitions.length === 0) return;
  await tx`
    /* write-transitions */
    INSERT INTO telemetry_health_transitions (ts, service_id, old_status, new_status, reason)
    SELECT ${now}, id, old_status, new_status, reason
    FROM unnest(${textArray(transitions.map(({ to }) => to.id))}::text[], ${textArray(transitions.map(({ from }) => from))}::text[],
      ${textArray(transitions.map(({ to }) => to.status))}::text[], ${textArray(transitions.map(({ to }) => to.reason))}::text[])
      AS t(id, old_status, new_status, reason)
    ON CONFLICT DO NOTHING`;
}

/** Transitions that are told, and how far back. */
const TOLD_TRANSITIONS = 20;
const TOLD_HOURS = 24;

/** The newest transitions, newest first, by the id of their service; one backward walk of the primary key. */
export async function readTransitions(tx: TransactionSql, nowMs: number): Promise<TransitionItem[]> {
  const rows = await tx<{ ts: Date; service_id: string; old_status: string; new_status: string; reason: string }[]>`
    /* newest-transitions */
    SELECT ts, service_id, old_status, new_status, reason FROM telemetry_health_transitions
    WHERE ts > ${new Date(nowMs - TOLD_HOURS * 3_600_000)} ORDER BY ts DESC, service_id DESC LIMIT ${TOLD_TRANSITIONS}`;
  return rows.flatMap(({ ts, service_id: service, ...rest }) => {
    // A newer sidecar may know statuses that this one does not.
    const told = transition.safeParse({ ...rest, service, ts: ts.toISOString() });
    return told.success ? [told.data] : [];
  });
}
