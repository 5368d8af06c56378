-- Written by drizzle/schema.test.ts from a migrated database; `npx vitest run --project unit drizzle -u` writes it anew.

CREATE SEQUENCE telemetry_writers AS integer;

CREATE TABLE admin_audit_log (
  ts timestamp with time zone NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  endpoint text NOT NULL,
  filters jsonb NOT NULL DEFAULT '{}'::jsonb,
  status integer NOT NULL,
  count bigint NOT NULL DEFAULT 1,
  CONSTRAINT admin_audit_log_pkey PRIMARY KEY (ts, actor, action, endpoint, filters, status)
);

CREATE TABLE admin_tickets (
  hash bytea NOT NULL,
  kind text NOT NULL,
  subject text NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  identity_ends_at timestamp with time zone,
  CONSTRAINT admin_tickets_kind_check CHECK ((kind = ANY (ARRAY['login'::text, 'live'::text]))),
  CONSTRAINT admin_tickets_pkey PRIMARY KEY (hash)
);

CREATE TABLE telemetry_dirty_hours (
  hour timestamp with time zone NOT NULL,
  series_id integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor=0.05);

CREATE TABLE telemetry_health_transitions (
  ts timestamp with time zone NOT NULL,
  service_id text NOT NULL,
  old_status text NOT NULL,
  new_status text NOT NULL,
  reason text NOT NULL,
  CONSTRAINT telemetry_health_transitions_pkey PRIMARY KEY (ts, service_id)
);

CREATE TABLE telemetry_intake (
  minute timestamp with time zone NOT NULL,
  writer integer NOT NULL,
  signal text NOT NULL,
  service text NOT NULL,
  outcome text NOT NULL,
  reason text NOT NULL,
  name text NOT NULL,
  count bigint NOT NULL,
  CONSTRAINT telemetry_intake_outcome_check CHECK ((outcome = ANY (ARRAY['received'::text, 'stored'::text, 'dropped'::text, 'refused'::text, 'noted'::text, 'masked'::text]))),
  CONSTRAINT telemetry_intake_pkey PRIMARY KEY (minute, writer, signal, service, outcome, reason, name)
) WITH (fillfactor=50);

CREATE TABLE telemetry_leader (
  only_row boolean NOT NULL DEFAULT true,
  holder integer NOT NULL,
  until timestamp with time zone NOT NULL,
  CONSTRAINT telemetry_leader_only_row_check CHECK (only_row),
  CONSTRAINT telemetry_leader_pkey PRIMARY KEY (only_row)
);

CREATE TABLE telemetry_log_events (
  id uuid NOT NULL,
  ts timestamp with time zone NOT NULL,
  level text NOT NULL,
  service text NOT NULL,
  domain text NOT NULL,
  event text NOT NULL,
  message text NOT NULL,
  trace_id text,
  span_id text,
  sampled boolean NOT NULL DEFAULT true,
  attrs jsonb NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT telemetry_log_events_level_check CHECK ((level = ANY (ARRAY['WARN'::text, 'ERROR'::text]))),
  CONSTRAINT telemetry_log_events_pkey PRIMARY KEY (ts, id)
) PARTITION BY RANGE (ts);

CREATE TABLE telemetry_merged_hours (
  metric_name text NOT NULL,
  hour timestamp with time zone NOT NULL,
  point json NOT NULL,
  CONSTRAINT telemetry_merged_hours_pkey PRIMARY KEY (metric_name, hour)
);

CREATE TABLE telemetry_merged_minutes (
  metric_name text NOT NULL,
  hour timestamp with time zone NOT NULL,
  size smallint NOT NULL,
  points json NOT NULL,
  CONSTRAINT telemetry_merged_minutes_pkey PRIMARY KEY (metric_name, hour)
);

CREATE TABLE telemetry_metric_budgets (
  metric_name text NOT NULL,
  CONSTRAINT telemetry_metric_budgets_pkey PRIMARY KEY (metric_name)
);

CREATE TABLE telemetry_metric_packed (
  hour timestamp with time zone NOT NULL,
  series_id integer NOT NULL,
  minutes smallint[],
  value_count real[],
  value_count_wide double precision[],
  value_sum real[],
  value_sum_wide double precision[],
  value_min real[],
  value_min_wide double precision[],
  value_max real[],
  value_max_wide double precision[],
  value_last real[],
  value_last_wide double precision[],
  value_last_ms integer[],
  value_p50 real[],
  value_p95 real[],
  value_p99 real[],
  CONSTRAINT telemetry_metric_packed_pkey PRIMARY KEY (series_id, hour)
) PARTITION BY RANGE (hour);

CREATE TABLE telemetry_metric_samples (
  ts timestamp with time zone NOT NULL,
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
  CONSTRAINT telemetry_metric_samples_pkey PRIMARY KEY (series_id, ts, writer)
) PARTITION BY RANGE (ts);

CREATE TABLE telemetry_metric_series (
  id integer NOT NULL GENERATED ALWAYS AS IDENTITY,
  metric_name text NOT NULL,
  scope text NOT NULL DEFAULT 'cluster'::text,
  labels jsonb NOT NULL,
  last_seen timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT telemetry_metric_series_metric_name_scope_labels_key UNIQUE (metric_name, scope, labels),
  CONSTRAINT telemetry_metric_series_pkey PRIMARY KEY (id)
);

CREATE TABLE telemetry_metric_sketches (
  hour timestamp with time zone NOT NULL,
  series_id integer NOT NULL,
  sketches bytea NOT NULL,
  CONSTRAINT telemetry_metric_sketches_pkey PRIMARY KEY (series_id, hour)
) PARTITION BY RANGE (hour);

CREATE TABLE telemetry_metric_sources (
  holder text NOT NULL,
  metric_name text NOT NULL,
  source text NOT NULL,
  from_minute timestamp with time zone NOT NULL,
  last_seen timestamp with time zone NOT NULL,
  CONSTRAINT telemetry_metric_sources_pkey PRIMARY KEY (holder, metric_name, source, from_minute)
);

CREATE TABLE telemetry_open_windows (
  ts timestamp with time zone NOT NULL,
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
  CONSTRAINT telemetry_open_windows_pkey PRIMARY KEY (series_id, ts, writer)
) WITH (fillfactor=30, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=500);

CREATE TABLE telemetry_rollup_progress (
  only_row boolean NOT NULL DEFAULT true,
  next_hour timestamp with time zone NOT NULL,
  next_packed_hour timestamp with time zone NOT NULL,
  next_merged_hour timestamp with time zone NOT NULL,
  CONSTRAINT telemetry_rollup_progress_only_row_check CHECK (only_row),
  CONSTRAINT telemetry_rollup_progress_pkey PRIMARY KEY (only_row)
);

CREATE TABLE telemetry_service_health (
  service_id text NOT NULL,
  status text NOT NULL,
  reason text NOT NULL,
  since timestamp with time zone NOT NULL,
  checked_at timestamp with time zone NOT NULL,
  CONSTRAINT telemetry_service_health_pkey PRIMARY KEY (service_id)
);

CREATE TABLE telemetry_stream_state (
  owner uuid NOT NULL,
  depth smallint NOT NULL,
  prefix integer NOT NULL,
  is_split boolean NOT NULL DEFAULT false,
  version integer NOT NULL,
  first_time bigint NOT NULL,
  last_seen timestamp with time zone NOT NULL DEFAULT now(),
  state bytea NOT NULL,
  CONSTRAINT telemetry_stream_state_pkey PRIMARY KEY (owner, depth, prefix)
) WITH (fillfactor=50, autovacuum_vacuum_scale_factor=0.05);

CREATE TABLE telemetry_summary (
  only_row boolean NOT NULL DEFAULT true,
  written_at timestamp with time zone NOT NULL,
  writer integer NOT NULL,
  summary jsonb NOT NULL,
  CONSTRAINT telemetry_summary_only_row_check CHECK (only_row),
  CONSTRAINT telemetry_summary_pkey PRIMARY KEY (only_row)
);

CREATE TABLE telemetry_trace_index (
  trace_id text NOT NULL,
  span_id text NOT NULL,
  span_name text NOT NULL,
  domain text NOT NULL,
  route text,
  status_code text,
  is_error boolean NOT NULL,
  duration_ms double precision NOT NULL,
  ts timestamp with time zone NOT NULL,
  service text NOT NULL,
  sampled boolean NOT NULL DEFAULT true,
  CONSTRAINT telemetry_trace_index_pkey PRIMARY KEY (ts, trace_id, span_id)
) PARTITION BY RANGE (ts);

CREATE TABLE telemetry_trend_rollups (
  bucket timestamp with time zone NOT NULL,
  resolution text NOT NULL,
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
  CONSTRAINT telemetry_trend_rollups_pkey PRIMARY KEY (series_id, resolution, bucket),
  CONSTRAINT telemetry_trend_rollups_resolution_check CHECK ((resolution = ANY (ARRAY['1h'::text, '1d'::text])))
);

CREATE TABLE telemetry_unmerged_hours (
  hour timestamp with time zone NOT NULL,
  metric_name text NOT NULL
);

CREATE INDEX idx_tle_domain ON ONLY public.telemetry_log_events USING btree (hashtext((level || domain)), ts);

CREATE INDEX idx_tle_domain_service ON ONLY public.telemetry_log_events USING btree (hashtext(((level || domain) || service)), ts);

CREATE INDEX idx_tle_level_ts ON ONLY public.telemetry_log_events USING btree (level, ts);

CREATE INDEX idx_tle_service ON ONLY public.telemetry_log_events USING btree (hashtext((level || service)), ts);

CREATE INDEX idx_tle_trace_id ON ONLY public.telemetry_log_events USING btree (trace_id) WHERE (trace_id IS NOT NULL);

CREATE INDEX idx_tti_domain_ts ON ONLY public.telemetry_trace_index USING btree (domain, ts);

CREATE INDEX idx_tti_error ON ONLY public.telemetry_trace_index USING btree (ts, domain, hashtext(route)) WHERE is_error;

CREATE INDEX idx_tti_route ON ONLY public.telemetry_trace_index USING btree (hashtext(route), ts) WHERE (route IS NOT NULL);

CREATE INDEX idx_tti_slow ON ONLY public.telemetry_trace_index USING btree (ts, duration_ms, domain, hashtext(route)) WHERE (duration_ms >= (100)::double precision);

CREATE INDEX idx_tti_trace_id ON ONLY public.telemetry_trace_index USING btree (trace_id);

CREATE VIEW telemetry_logs AS
 SELECT ts,
    id,
    level,
    service,
    domain,
    event,
    message,
    trace_id,
    span_id,
    sampled,
    attrs
   FROM telemetry_log_events
  WHERE (ts >= (now() - '30 days'::interval));

CREATE VIEW telemetry_metrics AS
 SELECT ts,
    metric_name,
    scope,
    labels,
    value_count,
    value_sum,
    value_min,
    value_max,
    value_last,
    value_p50,
    value_p95,
    value_p99
   FROM telemetry_minutes;

CREATE VIEW telemetry_minute_parts AS
 SELECT telemetry_open_windows.ts,
    telemetry_open_windows.series_id,
    telemetry_open_windows.value_count,
    telemetry_open_windows.value_sum,
    telemetry_open_windows.value_min,
    telemetry_open_windows.value_max,
    telemetry_open_windows.value_last,
    telemetry_open_windows.value_last_ms,
    telemetry_open_windows.value_p50,
    telemetry_open_windows.value_p95,
    telemetry_open_windows.value_p99,
    date_bin('01:00:00'::interval, telemetry_open_windows.ts, '1970-01-01 00:00:00+00'::timestamp with time zone) AS hour
   FROM telemetry_open_windows
  WHERE (telemetry_open_windows.ts >= (now() - '30 days'::interval))
UNION ALL
 SELECT telemetry_metric_samples.ts,
    telemetry_metric_samples.series_id,
    telemetry_metric_samples.value_count,
    telemetry_metric_samples.value_sum,
    telemetry_metric_samples.value_min,
    telemetry_metric_samples.value_max,
    telemetry_metric_samples.value_last,
    telemetry_metric_samples.value_last_ms,
    telemetry_metric_samples.value_p50,
    telemetry_metric_samples.value_p95,
    telemetry_metric_samples.value_p99,
    date_bin('01:00:00'::interval, telemetry_metric_samples.ts, '1970-01-01 00:00:00+00'::timestamp with time zone) AS hour
   FROM telemetry_metric_samples
  WHERE (telemetry_metric_samples.ts >= (now() - '30 days'::interval))
UNION ALL
 SELECT (p.hour + ((e.minute)::double precision * '00:01:00'::interval)) AS ts,
    p.series_id,
    (COALESCE((e.n)::double precision, e.n_wide, round(COALESCE((e.total)::double precision, e.total_wide))))::bigint AS value_count,
    COALESCE((e.total)::double precision, e.total_wide) AS value_sum,
    COALESCE((e.low)::double precision, e.low_wide,
        CASE
            WHEN (e.last_ms IS NOT NULL) THEN COALESCE((e.last)::double precision, e.last_wide)
            ELSE NULL::double precision
        END) AS value_min,
    COALESCE((e.high)::double precision, e.high_wide,
        CASE
            WHEN (e.last_ms IS NOT NULL) THEN COALESCE((e.last)::double precision, e.last_wide)
            ELSE NULL::double precision
        END) AS value_max,
    COALESCE((e.last)::double precision, e.last_wide) AS value_last,
    e.last_ms AS value_last_ms,
    e.p50 AS value_p50,
    e.p95 AS value_p95,
    e.p99 AS value_p99,
    p.hour
   FROM (telemetry_metric_packed p
     CROSS JOIN LATERAL UNNEST(COALESCE(p.minutes, '{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59}'::smallint[]), p.value_count, p.value_count_wide, p.value_sum, p.value_sum_wide, p.value_min, p.value_min_wide, p.value_max, p.value_max_wide, p.value_last, p.value_last_wide, p.value_last_ms, p.value_p50, p.value_p95, p.value_p99) e(minute, n, n_wide, total, total_wide, low, low_wide, high, high_wide, last, last_wide, last_ms, p50, p95, p99))
  WHERE (p.hour >= (now() - '30 days'::interval));

CREATE VIEW telemetry_minutes AS
 SELECT w.ts,
    s.metric_name,
    s.scope,
    s.labels,
    w.value_count,
    w.value_sum,
    w.value_min,
    w.value_max,
    w.value_last,
    w.value_p50,
    w.value_p95,
    w.value_p99,
    w.hour
   FROM (telemetry_metric_series s
     CROSS JOIN LATERAL ( SELECT part.ts,
            part.hour,
            (sum(part.value_count))::bigint AS value_count,
            sum(part.value_sum) AS value_sum,
                CASE
                    WHEN bool_and(((part.value_min IS NOT NULL) OR (part.value_count = 0))) THEN min(part.value_min)
                    ELSE NULL::double precision
                END AS value_min,
                CASE
                    WHEN bool_and(((part.value_max IS NOT NULL) OR (part.value_count = 0))) THEN max(part.value_max)
                    ELSE NULL::double precision
                END AS value_max,
                CASE
                    WHEN bool_and((part.value_max IS NULL)) THEN sum(part.value_last)
                    ELSE (array_agg(part.value_last ORDER BY part.value_last_ms DESC NULLS LAST, part.value_last DESC NULLS LAST))[1]
                END AS value_last,
                CASE
                    WHEN ((max(part.value_count))::numeric >= (0.9 * sum(part.value_count))) THEN (array_agg(part.value_p50 ORDER BY part.value_count DESC NULLS LAST))[1]
                    ELSE NULL::real
                END AS value_p50,
                CASE
                    WHEN ((max(part.value_count))::numeric >= (0.9 * sum(part.value_count))) THEN (array_agg(part.value_p95 ORDER BY part.value_count DESC NULLS LAST))[1]
                    ELSE NULL::real
                END AS value_p95,
                CASE
                    WHEN ((max(part.value_count))::numeric >= (0.9 * sum(part.value_count))) THEN (array_agg(part.value_p99 ORDER BY part.value_count DESC NULLS LAST))[1]
                    ELSE NULL::real
                END AS value_p99
           FROM telemetry_minute_parts part
          WHERE (part.series_id = s.id)
          GROUP BY part.ts, part.hour) w);

CREATE VIEW telemetry_traces AS
 SELECT ts,
    trace_id,
    span_id,
    span_name,
    domain,
    route,
    status_code,
    is_error,
    duration_ms,
    service,
    sampled
   FROM telemetry_trace_index
  WHERE (ts >= (now() - '30 days'::interval));

CREATE VIEW telemetry_trends_daily AS
 WITH per_route AS NOT MATERIALIZED (
         SELECT r.bucket AS day,
            s.metric_name,
            s.scope,
            (s.labels ->> 'http.route'::text) AS route,
            (sum(r.sample_count))::bigint AS sample_count,
            max(r.max_p95) AS max_p95,
            (sum(r.total_count))::bigint AS total_count,
            (sum(r.error_count))::bigint AS error_count
           FROM (telemetry_trend_rollups r
             JOIN telemetry_metric_series s ON ((s.id = r.series_id)))
          WHERE ((r.resolution = '1d'::text) AND (r.bucket >= (now() - '30 days'::interval)))
          GROUP BY r.bucket, s.metric_name, s.scope, (s.labels ->> 'http.route'::text)
        )
 SELECT p.day,
    p.metric_name,
    p.scope,
    p.route,
    p.sample_count,
    p.max_p95,
    p.total_count,
        CASE
            WHEN (p.metric_name = ANY (ARRAY['kaiku_http_requests_total'::text, 'http.server.request.duration'::text])) THEN COALESCE(e.error_count, (0)::bigint)
            ELSE p.error_count
        END AS error_count
   FROM (per_route p
     LEFT JOIN per_route e ON (((e.metric_name = 'kaiku_http_errors_total'::text) AND (e.day = p.day) AND (e.scope = p.scope) AND (NOT (e.route IS DISTINCT FROM p.route)))));

CREATE OR REPLACE FUNCTION public.telemetry_metrics_between(metric text, from_ts timestamp with time zone, to_ts timestamp with time zone)
 RETURNS SETOF telemetry_metrics
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
BEGIN ATOMIC
 SELECT m.ts,
     m.metric_name,
     m.scope,
     m.labels,
     m.value_count,
     m.value_sum,
     m.value_min,
     m.value_max,
     m.value_last,
     m.value_p50,
     m.value_p95,
     m.value_p99
    FROM telemetry_minutes m
   WHERE ((m.metric_name = telemetry_metrics_between.metric) AND (m.ts >= telemetry_metrics_between.from_ts) AND (m.ts < telemetry_metrics_between.to_ts) AND (m.hour >= date_bin('01:00:00'::interval, telemetry_metrics_between.from_ts, '1970-01-01 00:00:00+00'::timestamp with time zone)) AND (m.hour < telemetry_metrics_between.to_ts));
END
;

GRANT SELECT ON telemetry_logs TO command_center_reader;

GRANT SELECT ON telemetry_metrics TO command_center_reader;

GRANT SELECT ON telemetry_traces TO command_center_reader;

GRANT SELECT ON telemetry_trends_daily TO command_center_reader;

GRANT EXECUTE ON FUNCTION telemetry_metrics_between TO command_center_reader;
