-- transactional
-- Indexes of logs and spans, each with the reason why it is there (docs/adr/0011). All ascend: rows come in order of time, and an index that descends splits its
-- first page in halves for ever (73 bytes a row in place of 41); lists read backwards.

-- The keys (ts, id) and (ts, trace_id, span_id) are read backwards for lists without a filter.
DROP INDEX idx_tle_ts;
DROP INDEX idx_tti_ts;

-- Lists of one level or one domain; rows of one instant are put in order by the list.
DROP INDEX idx_tle_level_ts;
CREATE INDEX idx_tle_level_ts ON telemetry_log_events (level, ts);
DROP INDEX idx_tle_domain_ts;
CREATE INDEX idx_tle_domain_ts ON telemetry_log_events (domain, ts);
DROP INDEX idx_tti_domain_ts;
CREATE INDEX idx_tti_domain_ts ON telemetry_trace_index (domain, ts);

-- Failed spans are few, and they are what is looked for.
DROP INDEX idx_tti_status_ts;
CREATE INDEX idx_tti_status_ts ON telemetry_trace_index (ts) WHERE is_error;

-- So are slow ones: whoever asks for less than 100 ms finds a page of them quickly in any list.
DROP INDEX idx_tti_duration;
CREATE INDEX idx_tti_duration ON telemetry_trace_index (ts) WHERE duration_ms >= 100;
