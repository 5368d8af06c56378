import { parseContractFile } from '@command-center/contract/contractFile/parse';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contractLines } from './contractLine.ts';

const fileOf = (names: readonly string[]) => {
  const parsed = parseContractFile(contractLines(names));
  if (!parsed.isValid) throw new Error(JSON.stringify(parsed.problems));
  return parsed.file.metrics ?? [];
};

describe('the lines that add unknown metrics to the contract file', () => {
  it.each([
    ['jvm.gc.duration', { kind: 'histogram', unit: 's', signal: 'latency' }],
    ['shop_orders_total', { kind: 'counter', unit: '1', signal: 'traffic' }],
    ['queue_wait_milliseconds', { kind: 'histogram', unit: 'ms', signal: 'latency' }],
    ['jvm.memory.used', { kind: 'gauge', unit: 'By', merge: 'sum' }],
    ['jvm.thread.count', { kind: 'gauge', unit: '1', merge: 'sum' }],
  ])('%s: a contract file takes the line as it is', (name, meaning) => {
    expect(fileOf([name])).toEqual([expect.objectContaining({ name, ...meaning })]);
  });

  it.each([['true'], ['null'], ['12'], ['a: b'], ["it's"], ['a # b'], ['- x'], ['{x}'], ['\u202Eabc'], ['"']])(
    'a sender may call a metric %j: its name stays text',
    (name) => {
      const text = contractLines([name]);
      expect(text.split('\n')).toHaveLength(3);
      const parsed = parseContractFile(text);
      // Refused, if at all, for what the name is, and not for what the line says.
      const problems = parsed.isValid ? [] : parsed.problems.map(({ key }) => key);
      expect(problems.filter((key) => key !== 'metrics[0].name')).toEqual([]);
    },
  );

  it('any name of OpenTelemetry stands there as it is', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,10}(\.[a-z][a-z0-9_]{0,10}){1,3}$/);
    fc.assert(
      fc.property(name, (one) => {
        expect(contractLines([one])).toContain(`{ name: ${one}, `);
      }),
    );
  });

  it('a name that several services send is one line, and past 20 the rest is counted', () => {
    expect(fileOf(['a.b', 'c.d', 'a.b'])).toHaveLength(2);
    const text = contractLines(Array.from({ length: 23 }, (_, n) => `shop.metric${n}`));
    expect(text).toContain('# and 3 more');
    expect(text.match(/name:/g)).toHaveLength(20);
  });
});
