import type { Summary } from '@command-center/contract/api/summary';
import type { ServiceDefinition } from '@command-center/contract/services';
import { neverWritten, outdated, type SummaryRow } from '@command-center/contract/summary/present';

/** How the database of Command Center is away. */
export interface Away {
  /** Milliseconds since the row was read. */
  readonly elapsedMs: number;
  /** When it was first missed, milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Whether it is the Postgres that service `postgresql` stands for. */
  readonly isProbed: boolean;
}

const databaseId = 'postgresql';

/**
 * The last row that this process read, as old as it is now, while the database does not answer. Who writes summaries may be well, so the database is
 * what is said to be down.
 */
export function rememberedSummary(
  { now, age_s, written_at, summary }: SummaryRow,
  { elapsedMs, sinceMs, isProbed }: Away,
  services: readonly ServiceDefinition[],
  auditFailures: number,
): Summary {
  const since = new Date(sinceMs).toISOString();
  const reason = `the database of Command Center has not answered since ${since}`;
  const age = age_s === null ? null : age_s + elapsedMs / 1000;
  const known = outdated(summary ?? neverWritten(now, services), written_at, age);
  return {
    ...known,
    verdict: { status: 'down', reason, since },
    services: known.services.map((service) =>
      service.id === databaseId && isProbed
        ? { ...service, status: 'down', reason: `down: ${reason}`, since }
        : { ...service, status: 'unknown', reason, since },
    ),
    written_at: written_at?.toISOString() ?? null,
    stale: true,
    now: new Date(now.getTime() + elapsedMs).toISOString(),
    audit_failures: auditFailures,
  };
}
