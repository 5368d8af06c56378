import { z } from 'zod';
import { thresholdNames } from '../thresholds.ts';
import {
  maxAliases,
  maxFileMetrics,
  maxNameCharacters,
  maxProbeRoutes,
  maxSelectors,
  maxServiceConditions,
  maxServices,
  maxWordsCharacters,
} from './limits.ts';

/** An object that says which keys it takes when it meets another one. */
function object<S extends z.core.$ZodLooseShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `allowed are ${Object.keys(shape).join(', ')}` : 'must be a mapping of keys',
  });
}

const words = z.string('must be text').min(1, 'must not be empty').max(maxWordsCharacters);
const metricName = z
  .string('must be text')
  .max(maxNameCharacters)
  .regex(/^[A-Za-z_][A-Za-z0-9_./-]*$/, 'must begin with a letter and hold only letters, digits, _ . / and -');
const labelValues = z.record(z.string(), z.string('must be text, in quotes if need be'));

const selector = object({
  key: words,
  equals: z.string('must be text, in quotes if need be').optional(),
  at_least: z.number('must be a number').optional(),
  present: z.boolean('must be true or false').optional(),
});

const alias = object({
  name: metricName,
  unit: words.optional(),
  factor: z.number('must be a number').positive('must be above 0').optional(),
  where: z.array(selector, 'must be a list').max(maxSelectors).optional(),
  labels: labelValues.optional(),
});

const metric = object({
  name: metricName,
  kind: z.enum(['counter', 'gauge', 'histogram']).optional(),
  unit: words.optional(),
  merge: z.enum(['sum', 'max', 'min', 'last']).optional(),
  signal: z.enum(['latency', 'traffic', 'errors', 'saturation', 'voice', 'metadata']).optional(),
  tab: z.enum(['golden_signals', 'voice', 'infrastructure', 'metadata']).optional(),
  labels: z.array(words, 'must be a list').optional(),
  signed: z.boolean('must be true or false').optional(),
  description: words.optional(),
  aliases: z.array(alias, 'must be a list').max(maxAliases).optional(),
});

function isPlainUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password, search } = new URL(text);
  return username === '' && password === '' && search === '';
}

const condition = z.discriminatedUnion(
  'type',
  [
    object({
      type: z.literal('probe'),
      probe: z.enum(['http', 'postgres', 'valkey', 's3']),
      url: z
        .string('must be text')
        .refine(isPlainUrl, 'must be an absolute http(s) URL without user, password and query: this file is no secret')
        .optional(),
      optional: z.boolean('must be true or false').optional(),
    }),
    object({ type: z.literal('fresh'), metric: metricName }),
    object({ type: z.literal('moving'), metric: metricName, while_above: metricName }),
    object({ type: z.literal('above_zero'), metric: metricName, labels: labelValues.optional() }),
    object({ type: z.literal('threshold'), threshold: z.enum(thresholdNames) }),
    object({ type: z.literal('any_telemetry') }),
  ],
  'allowed is a mapping whose type is probe, fresh, moving, above_zero, threshold or any_telemetry',
);

const service = object({
  id: z.string('must be text').regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be at most 40 of a-z, 0-9 and _, a letter first'),
  name: words.optional(),
  healthy_when: words.optional(),
  conditions: z.array(condition, 'must be a list').min(1).max(maxServiceConditions).optional(),
});

/** The file as YAML says it; what it must mean beside its shape stands in meaning.ts. */
export const contractFile = object({
  metrics: z.array(metric, 'must be a list').max(maxFileMetrics).optional(),
  probe_routes: z
    .array(
      z.string('must be text').regex(/^\/[^\s*]{0,119}\*?$/, 'must begin with /; only a * at its end stands for more'),
      'must be a list',
    )
    .max(maxProbeRoutes)
    .optional(),
  services: z.array(service, 'must be a list').min(1).max(maxServices).optional(),
  valkey: object({ used_for: words }).optional(),
});

/** Plain data, so that it can be handed to another thread. */
export type ContractFile = z.infer<typeof contractFile>;
export type FileMetric = z.infer<typeof metric>;
export type FileService = z.infer<typeof service>;
export type FileCondition = z.infer<typeof condition>;
