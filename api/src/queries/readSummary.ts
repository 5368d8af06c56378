/** The one row that the leading sidecar writes every 5 s, and the database's clock; always one row. */
export const readSummary = `/* read_summary */
    SELECT clock.now, s.written_at, extract(epoch FROM clock.now - s.written_at)::double precision AS age_s, s.summary
    FROM (SELECT now() AS now) AS clock LEFT JOIN telemetry_summary AS s ON true`;
