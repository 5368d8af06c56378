import { describe, expect, it } from 'vitest';
import { MAX_LABEL_SETS } from '../limits.ts';
import { createMeters } from './meters.ts';
import { prometheusText } from './prometheus.ts';

/** Lines of one metric. */
function linesOf(text: string, name: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(name) || line.startsWith(`# TYPE ${name}`));
}

describe("Prometheus' text format 0.0.4", () => {
  it('writes counters with their labels, as OpenTelemetry maps names: dots, unit, _total', () => {
    const meters = createMeters();
    meters.add('dropped', 2, 'logs', 'below_warn');
    meters.add('dropped', 3, 'logs', 'below_warn');
    meters.add('dropped', 1, 'metrics', 'not_in_contract');
    const name = 'command_center_sidecar_records_dropped_total';
    expect(linesOf(prometheusText(meters.snapshot()), name)).toEqual([
      `# TYPE ${name} counter`,
      `${name}{signal="logs",reason="below_warn"} 5`,
      `${name}{signal="metrics",reason="not_in_contract"} 1`,
    ]);
  });

  it('writes a counter without labels from the start on, so that its first increase is seen', () => {
    expect(prometheusText(createMeters().snapshot())).toContain('\ncommand_center_sidecar_batch_conflicts_total 0\n');
  });

  it('writes histograms cumulatively; a value on a bound lies below it', () => {
    const meters = createMeters();
    for (const value of [0.001, 0.0011, 0.3, 31]) meters.record('commitTime', value);
    const name = 'command_center_sidecar_batch_commit_duration_seconds';
    const lines = linesOf(prometheusText(meters.snapshot()), name);
    expect(lines[0]).toBe(`# TYPE ${name} histogram`);
    expect(lines).toContain(`${name}_bucket{le="0.001"} 1`);
    expect(lines).toContain(`${name}_bucket{le="0.0025"} 2`);
    expect(lines).toContain(`${name}_bucket{le="0.5"} 3`);
    expect(lines).toContain(`${name}_bucket{le="30"} 3`);
    expect(lines.slice(-3)).toEqual([
      `${name}_bucket{le="+Inf"} 4`,
      `${name}_sum ${0.001 + 0.0011 + 0.3 + 31}`,
      `${name}_count 4`,
    ]);
  });

  it('asks for gauges when it is asked, and leaves out what has no value', () => {
    const meters = createMeters();
    let lag: number | undefined;
    meters.observe('lag', () => lag);
    expect(prometheusText(meters.snapshot())).not.toContain('sidecar_lag');
    lag = 1.5;
    expect(prometheusText(meters.snapshot())).toContain('\ncommand_center_sidecar_lag_seconds 1.5\n');
  });

  it('escapes label values', () => {
    const meters = createMeters();
    meters.add('masked', 1, 'logs', 'a"b\\c\nd');
    expect(prometheusText(meters.snapshot())).toContain('{signal="logs",rule="a\\"b\\\\c\\nd"} 1');
  });

  it('has every line in the shape of the format', () => {
    const meters = createMeters();
    meters.add('stored', 1, 'logs');
    meters.observe('residentMemory', () => 1e9);
    for (const line of prometheusText(meters.snapshot()).trimEnd().split('\n')) {
      expect(line).toMatch(
        /^(# (HELP|TYPE) [a-z_]+ \S.*|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+)$/,
      );
    }
  });
});

describe('label sets are bounded', () => {
  it('puts what exceeds the bound into one overflow set, so that the sum stays right', () => {
    const meters = createMeters();
    for (let index = 0; index < MAX_LABEL_SETS + 5; index += 1) meters.add('masked', 1, 'logs', `rule ${index}`);
    const points = meters.snapshot().find(({ row }) => row.name.endsWith('masked'))?.points ?? [];
    expect(points).toHaveLength(MAX_LABEL_SETS + 1);
    expect(points.at(-1)).toMatchObject({ labels: { 'otel.metric.overflow': 'true' }, value: 5 });
  });
});
