-- transactional
-- What charts ask for most, a metric without any condition, merged over all its series once, when its hour has settled (docs/adr/0015). A day of a latency
-- merges 60,000 sketches otherwise, each time that somebody looks.

-- `points`: of the hour's minutes, oldest first, as JSON, just as the API answers them (contract/src/trends/point.ts): it hands the text on. Who changes their
-- form has the hours merged anew, by setting next_merged_hour back. Histograms have minutes here for as long as these have sketches.
CREATE TABLE telemetry_merged_minutes (
  metric_name text NOT NULL,
  hour timestamptz NOT NULL,
  size smallint NOT NULL,
  points json NOT NULL,
  PRIMARY KEY (metric_name, hour)
);

-- The hour as one point.
CREATE TABLE telemetry_merged_hours (
  metric_name text NOT NULL,
  hour timestamptz NOT NULL,
  point json NOT NULL,
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
