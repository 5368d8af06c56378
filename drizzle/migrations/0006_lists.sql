-- concurrent
-- Indexes of the lists of logs and spans, one a combination of filters (docs/adr/0014): each list is a range of one index, read backwards, also where it
-- finds nothing. A hash of the filters in place of their texts keeps an entry at 24 bytes: that is how wide Postgres still splits pages where rows come
-- in order without leaving them half empty.

CREATE INDEX CONCURRENTLY idx_tle_domain ON telemetry_log_events (hashtext(level || domain), ts);
CREATE INDEX CONCURRENTLY idx_tle_service ON telemetry_log_events (hashtext(level || service), ts);
CREATE INDEX CONCURRENTLY idx_tle_domain_service ON telemetry_log_events (hashtext(level || domain || service), ts);
DROP INDEX IF EXISTS idx_tle_domain_ts;

-- Failed and slow spans are few: other filters are looked at inside their indexes.
CREATE INDEX CONCURRENTLY idx_tti_error ON telemetry_trace_index (ts, domain, hashtext(route)) WHERE is_error;
DROP INDEX IF EXISTS idx_tti_status_ts;
CREATE INDEX CONCURRENTLY idx_tti_slow ON telemetry_trace_index (ts, duration_ms, domain, hashtext(route)) WHERE duration_ms >= 100;
DROP INDEX IF EXISTS idx_tti_duration;
CREATE INDEX CONCURRENTLY idx_tti_route ON telemetry_trace_index (hashtext(route), ts) WHERE route IS NOT NULL;
