/**
 * A text that changes with every batch and every summary that is committed, and once a minute: each batch counts what it brought in the minute of its
 * start, and lives for no longer than one more (design §4). Always one row, `arrivals`. It is compared alone, and has no schema: a cold start would load zod for it.
 */
export const readArrivals = `/* read_arrivals */
    SELECT concat_ws(' ', clock.minute, (SELECT written_at FROM telemetry_summary),
      (SELECT sum(count) FROM telemetry_intake WHERE minute >= clock.minute - interval '1 minute')) AS arrivals
    FROM (SELECT date_trunc('minute', now()) AS minute) AS clock`;
