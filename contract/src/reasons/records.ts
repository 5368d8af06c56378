import type { Actor, Effect } from './reason.ts';

interface RecordRow {
  readonly title: string;
  readonly effect: Exclude<Effect, 'refuses'>;
  readonly actor: Actor;
  readonly text: string;
}

const rejects = (title: string, text: string): RecordRow => ({ title, effect: 'rejects', actor: 'sender', text });
const drops = (actor: Actor, title: string, text: string): RecordRow => ({ title, effect: 'drops', actor, text });
const notes = (actor: Actor, title: string, text: string): RecordRow => ({ title, effect: 'notes', actor, text });

/** What happens to single records and fields. Codes are stored in `telemetry_intake`, so none is ever renamed. */
export const recordRows = {
  // Can never be accepted: partial_success.
  no_value: rejects('No value', 'A number point without value; the sender recorded nothing, or sent null in JSON.'),
  not_finite: rejects('Not a finite number', 'NaN or infinity in a gauge or sum; find the division by zero.'),
  negative_increase: rejects('Negative increase', 'A monotonic sum or a count below zero; use an UpDownCounter.'),
  impossible_buckets: rejects(
    'Impossible buckets',
    'Bounds must rise strictly, counts number bounds + 1 (or none, at most 2,048), and their sum equal the count.',
  ),
  too_old: rejects('Older than 30 days', 'Nothing older than the retention is stored; check the clock of the sender.'),
  too_new: rejects('More than 10 min ahead', 'The time lies in the future; check the clock of the sender.'),
  no_time: rejects('No time', 'A metric point or span needs a time of its own; arrival differs at each retry.'),
  impossible_interval: rejects('Starts after its end', 'The start time lies after the time of the point.'),
  no_temporality: rejects('No temporality', 'A sum or histogram must say whether it is delta or cumulative.'),
  wrong_kind: rejects(
    'Wrong kind',
    'The contract knows this metric as another kind (counter, gauge, histogram); rename it or change the instrument.',
  ),
  wrong_unit: rejects('Wrong unit', 'The contract cannot convert this unit; send the unit of the catalogue.'),
  too_late: rejects('Too late', 'The delta interval is older than the newest 16 that are remembered of its stream.'),
  stream_limit: rejects(
    'Too many streams',
    'One sender has over 2,000 streams of this metric; find the attribute that runs away and drop it in a view.',
  ),
  invalid_ids: rejects('Invalid ids', 'A span needs a 16-byte trace id and an 8-byte span id that are not all zero.'),
  number_out_of_range: rejects('Number out of range', 'An integer does not fit the type that OTLP gives this field.'),

  // Left out by design.
  not_in_contract: drops('operator', 'Not in the contract', 'This metric is unknown; add it to the contract file.'),
  not_selected: drops(
    'nobody',
    'Not selected',
    'The contract takes only some points of this metric (span.kind SERVER).',
  ),
  other_source: drops(
    'operator',
    'Other source counts',
    'Another name or instrument reports the same thing for this service, and one source counts; switch one off.',
  ),
  below_warn: drops('nobody', 'Below WARN', 'Logs below WARN are not kept; they stay in the log store.'),
  unknown_severity: drops('sender', 'Unknown severity', 'The record has neither a severity number nor a known text.'),
  span_not_kept: drops('nobody', 'Span not kept', 'Kept are root, SERVER and CONSUMER spans, errors, and slow ones.'),
  label_dropped: drops('operator', 'Label dropped', 'The label is not in the list of this metric.'),
  attribute_dropped: drops('nobody', 'Attribute dropped', 'The log attribute is not in the allowlist.'),
  attribute_limit: drops('sender', 'Too many attributes', 'At most 16 log attributes are kept.'),
  forbidden_key: drops('sender', 'Forbidden field', 'The name of the field says that it is personal or secret.'),
  summary_quantiles_dropped: drops(
    'sender',
    'Quantiles dropped',
    'Quantiles of a summary cannot be merged; count and sum are kept. Send a histogram.',
  ),
  message_withheld: drops('operator', 'Message withheld', 'COMMAND_CENTER_LOG_MESSAGES=none stores no message text.'),

  // Counted, and no one's loss.
  duplicate: notes('nobody', 'Duplicate', 'The record is stored already, from an earlier try.'),
  conflicting_duplicate: notes(
    'sender',
    'Conflicting duplicate',
    'Two values for one stream at one time; the first counts. Two writers share an identity: set service.instance.id.',
  ),
  baseline: notes('nobody', 'Baseline', 'First point of a running counter: later ones are measured against it.'),
  bucket_baseline: notes(
    'sender',
    'Bucket baseline',
    'The bounds changed within a sequence; count and sum add, the buckets start anew.',
  ),
  reset: notes('nobody', 'Reset', 'The counter fell within one sequence; the new value counts from zero.'),
  overtaken: notes('nobody', 'Overtaken', 'A newer point of the stream came first.'),
  late_start: notes('nobody', 'Late start', 'A point of a process start older than the newest 16 of its stream.'),
  no_recorded_value: notes('nobody', 'No recorded value', 'The sender says that the stream ended.'),
  label_budget: notes(
    'operator',
    'Label budget reached',
    'The metric has COMMAND_CENTER_MAX_SERIES_PER_METRIC label sets; more go into its overflow series.',
  ),
  error_type_limit: notes('operator', 'Too many error types', 'Past 20 error types a metric, others are `_OTHER`.'),
  unlisted_value: notes('sender', 'Unlisted value', 'The value is not in the list of its label and became `_OTHER`.'),
  text_cut: notes('nobody', 'Text cut', 'The text was longer than is kept.'),
  timeless: notes('sender', 'Without time', 'A log record without time is stored with its arrival, at least once.'),
  invalid_trace_context: notes('sender', 'Invalid trace context', 'A trace or span id of another length was left out.'),
  ends_before_start: notes('sender', 'Ends before its start', 'The span ended before it began; its duration is 0.'),
} as const satisfies Record<string, RecordRow>;
