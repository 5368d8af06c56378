-- transactional
-- What charts ask for most, a metric without any condition, merged over all its series once, when its hour has settled (docs/adr/0015). A day of a latency
-- merges 60,000 sketches otherwise, each time that somebody looks.

-- Element i of an array belongs to minute `minutes[i]` of the hour; which arrays a row has depends on the metric's kind (contract.md §3). Of histograms only
-- where minutes have sketches. A percentile is its value and the ordinals of the bins whose edges bound it (contract/src/sketch/grid.ts).
CREATE TABLE telemetry_merged_minutes (
  metric_name text NOT NULL,
  hour timestamptz NOT NULL,
  minutes smallint[] NOT NULL,
  value_count double precision[],
  value_sum double precision[],
  value_last double precision[],
  value_min double precision[],
  value_max double precision[],
  value_p50 double precision[],
  p50_low smallint[],
  p50_high smallint[],
  value_p95 double precision[],
  p95_low smallint[],
  p95_high smallint[],
  value_p99 double precision[],
  p99_low smallint[],
  p99_high smallint[],
  PRIMARY KEY (metric_name, hour)
);

-- MAIN: in the row, where one read finds it; a row is 0.5 to 3.5 KB.
ALTER TABLE telemetry_merged_minutes
  ALTER value_count SET STORAGE MAIN,
  ALTER value_sum SET STORAGE MAIN,
  ALTER value_last SET STORAGE MAIN,
  ALTER value_min SET STORAGE MAIN,
  ALTER value_max SET STORAGE MAIN,
  ALTER value_p50 SET STORAGE MAIN,
  ALTER p50_low SET STORAGE MAIN,
  ALTER p50_high SET STORAGE MAIN,
  ALTER value_p95 SET STORAGE MAIN,
  ALTER p95_low SET STORAGE MAIN,
  ALTER p95_high SET STORAGE MAIN,
  ALTER value_p99 SET STORAGE MAIN,
  ALTER p99_low SET STORAGE MAIN,
  ALTER p99_high SET STORAGE MAIN;

CREATE TABLE telemetry_merged_hours (
  metric_name text NOT NULL,
  hour timestamptz NOT NULL,
  value_count double precision,
  value_sum double precision,
  value_last double precision,
  value_min double precision,
  value_max double precision,
  value_p50 double precision,
  p50_low smallint,
  p50_high smallint,
  value_p95 double precision,
  p95_low smallint,
  p95_high smallint,
  value_p99 double precision,
  p99_low smallint,
  p99_high smallint,
  PRIMARY KEY (metric_name, hour)
);

-- What is to be merged, anew or for the first time. Plain rows, as in telemetry_dirty_hours: with a key, what is added while its like is being worked off
-- would be lost.
CREATE TABLE telemetry_unmerged_hours (
  hour timestamptz NOT NULL,
  metric_name text NOT NULL
);

-- Hours before this one are merged, unless they stand in telemetry_unmerged_hours or in telemetry_dirty_hours. Never past next_hour: what a batch changes of
-- them it marks there.
ALTER TABLE telemetry_rollup_progress ADD COLUMN next_merged_hour timestamptz;
UPDATE telemetry_rollup_progress SET next_merged_hour = least(next_hour,
  (SELECT min(bucket) FROM telemetry_trend_rollups WHERE resolution = '1h'));
ALTER TABLE telemetry_rollup_progress ALTER COLUMN next_merged_hour SET NOT NULL;
