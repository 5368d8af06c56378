import type { Sql } from 'postgres';

/** Failures that Postgres itself reports, and its clock, both in the hands of a schedule. */

/** Of these tables the statements, or the commits, can be made to fail. */
export const relations = [
  'telemetry_stream_state',
  'telemetry_open_windows',
  'telemetry_metric_samples',
  'telemetry_log_events',
  'telemetry_trace_index',
  'telemetry_metric_series',
  'telemetry_intake',
] as const;

export type Relation = (typeof relations)[number];

/** Row triggers deferred to the commit; every batch writes intake. */
const COMMIT_RELATION: Relation = 'telemetry_intake';

const SLOW_SECONDS = 0.03;

export interface SqlFailure {
  /** `commit` = the statements pass, and COMMIT itself is answered with the error. */
  readonly at: Relation | 'commit';
  /** `slow` = it takes its time, and passes. */
  readonly sqlState: string;
  /** Statements that pass before, and how many fail then. */
  readonly after: number;
  readonly times: number;
}

/**
 * Adds the schedule's triggers to a migrated database, and a clock: an unqualified now() finds ours before that of pg_catalog, and keeps its
 * value for a transaction, as that one does.
 */
export async function simulate(sql: Sql, database: string): Promise<void> {
  await sql.unsafe(`
    CREATE SCHEMA simulated;
    CREATE TABLE simulated.clock (at timestamptz NOT NULL);
    INSERT INTO simulated.clock VALUES (clock_timestamp());
    CREATE FUNCTION simulated.now() RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
    DECLARE known text := current_setting('simulated.transaction_start', true);
    BEGIN
      IF coalesce(known, '') = '' THEN
        SELECT at::text INTO known FROM simulated.clock;
        PERFORM set_config('simulated.transaction_start', known, true);
      END IF;
      RETURN known::timestamptz;
    END $$;
    CREATE TABLE simulated.failure (place text NOT NULL, sql_state text NOT NULL, after bigint NOT NULL, times bigint NOT NULL);
    CREATE SEQUENCE simulated.calls MINVALUE 0 START 0;
    CREATE FUNCTION simulated.fail() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      planned simulated.failure;
      call bigint;
    BEGIN
      SELECT * INTO planned FROM simulated.failure WHERE place = TG_ARGV[0];
      IF NOT FOUND THEN RETURN NULL; END IF;
      call := nextval('simulated.calls');
      IF call >= planned.after AND call < planned.after + planned.times THEN
        IF planned.sql_state = 'slow' THEN
          PERFORM pg_sleep(${SLOW_SECONDS});
          RETURN NULL;
        END IF;
        RAISE EXCEPTION USING ERRCODE = planned.sql_state, MESSAGE = 'simulated failure';
      END IF;
      RETURN NULL;
    END $$;
    ${relations
      .map(
        (relation) =>
          `CREATE TRIGGER simulated AFTER INSERT OR UPDATE ON ${relation} FOR EACH STATEMENT EXECUTE FUNCTION simulated.fail('${relation}');`,
      )
      .join('\n')}
    CREATE CONSTRAINT TRIGGER simulated_commit AFTER INSERT OR UPDATE ON ${COMMIT_RELATION}
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION simulated.fail('commit');
    ALTER DATABASE ${database} SET search_path = public, simulated, pg_catalog;
  `);
}

export async function setClock(sql: Sql, timeMs: number): Promise<void> {
  await sql`UPDATE simulated.clock SET at = to_timestamp(${timeMs}::double precision / 1000)`;
}

/** One failure at a time; undefined = none. */
export async function planFailure(sql: Sql, failure: SqlFailure | undefined): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`DELETE FROM simulated.failure`;
    await tx`SELECT setval('simulated.calls', 0, false)`;
    if (failure === undefined) return;
    const { at, sqlState, after, times } = failure;
    await tx`INSERT INTO simulated.failure VALUES (${at}, ${sqlState}, ${after}, ${times})`;
  });
}

/** Ends every other session of this database, as an operator or a failover does. */
export async function terminateSessions(sql: Sql): Promise<void> {
  await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'command-center-%'`;
}

/** Nothing of an earlier schedule is left; partitions stay unless `withoutDays`. */
export async function emptyTables(sql: Sql, withoutDays: boolean): Promise<void> {
  await terminateSessions(sql);
  const tables = await sql<{ name: string; is_day: boolean }[]>`
    SELECT relname AS name, relispartition AS is_day FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname LIKE 'telemetry%'
`;
  const parents = tables.filter((table) => !table.is_day).map(({ name }) => name);
  const days = tables.filter((table) => table.is_day).map(({ name }) => name);
  if (withoutDays && days.length > 0) await sql.unsafe(`DROP TABLE ${days.join(', ')}`);
  await sql.unsafe(`TRUNCATE ${parents.join(', ')}`);
}
