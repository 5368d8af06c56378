import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeValue } from '../decode/records.ts';
import {
  attributes,
  curator,
  gauge,
  histogram,
  histogramPoint,
  logRecord,
  numberPoint,
  resource,
  span,
} from './testing/records.ts';

/** Secrets of several kinds; what is searched for in everything that leaves curation. */
const secrets = [
  'bob.smith@example.com',
  '10.20.30.40',
  '175928847299117063',
  '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
  'hunter2hunter2',
];
const secret = fc.constantFrom(...secrets);

/** Keys that may carry anything: allowlisted ones (their values are redacted), forbidden ones and others (dropped). */
const allowlisted = [
  'http.route',
  'error.type',
  'ws.event_type',
  'db.collection.name',
  'exporter',
  'target',
  'request_id',
  'action',
  'event',
];
const others = [
  'user.id',
  'userId',
  'enduser.id',
  'client.address',
  'password',
  'x-api-key',
  'http.url',
  'db.statement',
  'exception.stacktrace',
  'custom',
];
const field = fc.oneof(
  // Prose cannot tell a password, but its key can.
  fc.tuple(
    fc.constantFrom(...allowlisted),
    secret.filter((value) => !value.startsWith('hunter')),
  ),
  fc.tuple(fc.constantFrom(...allowlisted), fc.constant('password=hunter2hunter2')),
  fc.tuple(fc.constantFrom(...others), secret),
);
const planted = fc
  .array(field, { maxLength: 12 })
  .map((fields): Record<string, AttributeValue> => Object.fromEntries(fields));

/** Everything of a curation that is stored, counted or logged. */
function outputOf(curation: { readonly value?: object; readonly receipts: readonly object[] }): string {
  const value = 'value' in curation && curation.value !== undefined ? { ...curation.value, point: undefined } : {};
  return JSON.stringify({ ...curation, value });
}

describe('no forbidden field ever passes (contract.md §2)', () => {
  const { point, log, span: spanOf } = curator();

  it.each([
    [
      'points',
      (values: Record<string, AttributeValue>) =>
        point(histogramPoint(histogram('http.server.request.duration'), values)),
    ],
    [
      'gauges',
      (values: Record<string, AttributeValue>) => point(numberPoint(gauge('otelcol_exporter_queue_size'), values)),
    ],
    [
      'senders',
      (values: Record<string, AttributeValue>) =>
        point(histogramPoint(histogram('kaiku_voice_jitter_ms', { resource: resource(values) }))),
    ],
    [
      'logs',
      (values: Record<string, AttributeValue>) =>
        log(logRecord({ attributes: attributes(values), body: { entries: attributes(values) } })),
    ],
    ['spans', (values: Record<string, AttributeValue>) => spanOf(span({ attributes: attributes(values) }))],
  ])('%s', (_name, curate) => {
    fc.assert(
      fc.property(planted, (values) => {
        const output = outputOf(curate(values));
        for (const each of secrets) expect(output).not.toContain(each);
      }),
      { numRuns: 300 },
    );
  });

  it('and labels are those of the catalogue alone', () => {
    fc.assert(
      fc.property(planted, (values) => {
        const curation = point(histogramPoint(histogram('http.server.request.duration'), values));
        if (curation.outcome !== 'kept') throw new Error(curation.reason);
        for (const { labels, entry } of curation.value.targets) {
          const allowed: readonly string[] = entry.labels;
          expect(Object.keys(labels).filter((key) => !allowed.includes(key))).toEqual([]);
        }
      }),
    );
  });

  it('also where a secret is the name of an attribute, metric, event, span or service', () => {
    for (const each of secrets.slice(0, 4)) {
      const outputs = [
        point(numberPoint(gauge(`metric ${each}`))),
        point(numberPoint(gauge('process.uptime'), { [`key ${each}`]: 1n })),
        point(numberPoint(gauge('process.uptime', { resource: resource({ 'service.name': `svc ${each}` }) }))),
        log(
          logRecord({
            eventName: `event ${each}`,
            body: `body ${each}`,
            attributes: attributes({ [`key ${each}`]: 'x' }),
          }),
        ),
        spanOf(span({ name: `GET ${each}` })),
      ].map(outputOf);
      for (const output of outputs) expect(output).not.toContain(each);
    }
  });
});
