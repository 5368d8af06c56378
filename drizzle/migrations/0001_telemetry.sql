-- transactional
-- Tables of design §4 and §5. Partitioned tables get their day partitions from drizzle/partitions.ts.

CREATE TABLE telemetry_metric_series (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  metric_name text NOT NULL,
  scope text NOT NULL DEFAULT 'cluster',
  labels jsonb NOT NULL,
  last_seen timestamptz NOT NULL DEFAULT now(),
  UNIQUE (metric_name, scope, labels)
);

-- One row a metric; locked while a series is admitted to the metric's budget.
CREATE TABLE telemetry_metric_budgets (
  metric_name text PRIMARY KEY
);

-- "One source counts" (contract.md §4): from which minute on a source holds; -infinity for the first of a holder.
CREATE TABLE telemetry_metric_sources (
  holder text NOT NULL,
  metric_name text NOT NULL,
  source text NOT NULL,
  from_minute timestamptz NOT NULL,
  last_seen timestamptz NOT NULL,
  PRIMARY KEY (holder, metric_name, source, from_minute)
);

CREATE SEQUENCE telemetry_writers AS integer;

-- Minutes that still change, one row a series a minute a writer; overwritten in place, hence the room in each page.
CREATE TABLE telemetry_open_windows (
  ts timestamptz NOT NULL,
  series_id integer NOT NULL,
  writer integer NOT NULL,
  value_count bigint,
  value_sum double precision,
  value_min double precision,
  value_max double precision,
  value_last double precision,
  value_last_ms integer,
  value_p50 real,
  value_p95 real,
  value_p99 real,
  sketch bytea,
  PRIMARY KEY (series_id, ts, writer)
) WITH (fillfactor = 30, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

CREATE TABLE telemetry_metric_samples (
  ts timestamptz NOT NULL,
  series_id integer NOT NULL,
  writer integer NOT NULL,
  value_count bigint,
  value_sum double precision,
  value_min double precision,
  value_max double precision,
  value_last double precision,
  value_last_ms integer,
  value_p50 real,
  value_p95 real,
  value_p99 real,
  sketch bytea,
  PRIMARY KEY (series_id, ts, writer)
) PARTITION BY RANGE (ts);

-- No key and no conflict clause: with one, roll-ups were lost and sidecars serialised (design §4).
CREATE TABLE telemetry_dirty_hours (
  hour timestamptz NOT NULL,
  series_id integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- Hours before this one were handed to telemetry_dirty_hours when they had ended; those from it on are rolled up whole later.
CREATE TABLE telemetry_rollup_progress (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  next_hour timestamptz NOT NULL
);
-- No telemetry is older than its tables, unless a batch says so in telemetry_dirty_hours.
INSERT INTO telemetry_rollup_progress (next_hour) VALUES (date_trunc('hour', now(), 'UTC'));

CREATE TABLE telemetry_trend_rollups (
  bucket timestamptz NOT NULL,
  resolution text NOT NULL CHECK (resolution IN ('1h', '1d')),
  series_id integer NOT NULL,
  sample_count bigint NOT NULL,
  value_count bigint,
  value_sum double precision,
  value_min double precision,
  value_max double precision,
  value_last double precision,
  value_p50 real,
  value_p95 real,
  value_p99 real,
  max_p95 real,
  total_count bigint,
  error_count bigint,
  sketch bytea,
  PRIMARY KEY (series_id, resolution, bucket)
);

CREATE TABLE telemetry_log_events (
  id uuid NOT NULL,
  ts timestamptz NOT NULL,
  level text NOT NULL CHECK (level IN ('WARN', 'ERROR')),
  service text NOT NULL,
  domain text NOT NULL,
  event text NOT NULL,
  message text NOT NULL,
  trace_id text,
  span_id text,
  sampled boolean NOT NULL DEFAULT true,
  attrs jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (ts, id)
) PARTITION BY RANGE (ts);

CREATE INDEX idx_tle_ts ON telemetry_log_events (ts DESC, id DESC);
CREATE INDEX idx_tle_level_ts ON telemetry_log_events (level, ts DESC, id DESC);
CREATE INDEX idx_tle_domain_ts ON telemetry_log_events (domain, ts DESC, id DESC);
CREATE INDEX idx_tle_trace_id ON telemetry_log_events (trace_id) WHERE trace_id IS NOT NULL;

CREATE TABLE telemetry_trace_index (
  trace_id text NOT NULL,
  span_id text NOT NULL,
  span_name text NOT NULL,
  domain text NOT NULL,
  route text,
  status_code text,
  is_error boolean NOT NULL,
  duration_ms double precision NOT NULL,
  ts timestamptz NOT NULL,
  service text NOT NULL,
  sampled boolean NOT NULL DEFAULT true,
  PRIMARY KEY (ts, trace_id, span_id)
) PARTITION BY RANGE (ts);

CREATE INDEX idx_tti_ts ON telemetry_trace_index (ts DESC, trace_id DESC, span_id DESC);
CREATE INDEX idx_tti_status_ts ON telemetry_trace_index (is_error, ts DESC);
CREATE INDEX idx_tti_domain_ts ON telemetry_trace_index (domain, ts DESC);
CREATE INDEX idx_tti_duration ON telemetry_trace_index (duration_ms DESC);
CREATE INDEX idx_tti_trace_id ON telemetry_trace_index (trace_id);

-- A family of blocks per (resource, scope, metric): owner. A full block is split by the next bit of the stream's digest and stays behind as
-- an inner node (is_split), so that a sidecar that has not seen the split cannot insert it again.
CREATE TABLE telemetry_stream_state (
  owner uuid NOT NULL,
  depth smallint NOT NULL,
  prefix integer NOT NULL,
  is_split boolean NOT NULL DEFAULT false,
  version integer NOT NULL,
  -- Nanoseconds since the epoch: the earliest committed point time of the owner.
  first_time bigint NOT NULL,
  last_seen timestamptz NOT NULL DEFAULT now(),
  state bytea NOT NULL,
  PRIMARY KEY (owner, depth, prefix)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE telemetry_leader (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  holder integer NOT NULL,
  until timestamptz NOT NULL
);

CREATE TABLE telemetry_service_health (
  service_id text PRIMARY KEY,
  status text NOT NULL,
  reason text NOT NULL,
  since timestamptz NOT NULL,
  checked_at timestamptz NOT NULL
);

CREATE TABLE telemetry_health_transitions (
  ts timestamptz NOT NULL,
  service_id text NOT NULL,
  old_status text NOT NULL,
  new_status text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (ts, service_id)
);

CREATE TABLE telemetry_summary (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  written_at timestamptz NOT NULL,
  writer integer NOT NULL,
  -- storedSummary of contract/src/api/summary.ts.
  summary jsonb NOT NULL
);

-- What arrived and what became of it, so that "connected but empty" has an answer.
CREATE TABLE telemetry_intake (
  minute timestamptz NOT NULL,
  writer integer NOT NULL,
  signal text NOT NULL,
  service text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('received', 'stored', 'dropped', 'refused', 'noted', 'masked')),
  reason text NOT NULL,
  name text NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (minute, writer, signal, service, outcome, reason, name)
) WITH (fillfactor = 50);

-- The one table that names a person (interfaces.md §2): one row a minute and all but the count.
CREATE TABLE admin_audit_log (
  ts timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  endpoint text NOT NULL,
  filters jsonb NOT NULL DEFAULT '{}',
  status integer NOT NULL,
  count bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (ts, actor, action, endpoint, filters, status)
);

-- Login links and live tickets: only their hash, taken by DELETE … RETURNING.
CREATE TABLE admin_tickets (
  hash bytea PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('login', 'live')),
  subject text NOT NULL,
  expires_at timestamptz NOT NULL
);
