import { readFileSync } from 'node:fs';
import { services } from '@command-center/contract/services';
import { thresholds } from '@command-center/contract/thresholds';
import { metricRows } from '@command-center/sidecar/operate/metricRows';
import { prometheusName } from '@command-center/sidecar/operate/prometheus';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { platformAlarms, sidecarAlarms } from './alarmRows.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
/** What stands under a heading, up to the next. */
const entryOf = (title: string): string | undefined =>
  runbook.split(/^#{1,3} /m).find((part) => part.startsWith(`${title}\n`));

describe('docs/runbook.md', () => {
  it.each([
    ...Object.values(thresholds).map(({ signal }) => signal),
    ...services.map(({ name }) => name),
    ...sidecarAlarms.map(({ title }) => title),
    ...Object.values(platformAlarms).map(({ title }) => title),
  ])('has what it means and what to do for: %s', (title) => {
    expect(entryOf(title)).toMatch(/\*\*Means\*\* .{20,}/);
  });

  it.each(sidecarAlarms)('repeats what the alarm itself says of: $title', ({ title, meaning }) => {
    expect(entryOf(title)).toContain(meaning);
    expect(entryOf(title)).toMatch(/\*\*Look\*\* .{20,}[\s\S]*\*\*Do\*\* .{20,}/);
  });
});

describe('infra/prometheus/command-center.rules.yaml', () => {
  const rules = z.object({
    groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string(), for: z.string() })) })),
  });

  it('has each alarm of the sidecar, on metrics that it serves', () => {
    const text = readFileSync(new URL('../prometheus/command-center.rules.yaml', import.meta.url), 'utf8');
    const all = rules.parse(parse(text)).groups.flatMap((group) => group.rules);
    expect(all).toHaveLength(sidecarAlarms.length);
    const served = new Set(Object.values(metricRows).map(prometheusName));
    for (const { alert, expr } of all) {
      expect(alert).toMatch(/^[A-Z]\w+$/);
      const [metric = ''] = /command_center_\w+/.exec(expr) ?? [];
      expect([alert, served.has(metric)]).toEqual([alert, true]);
    }
  });
});
