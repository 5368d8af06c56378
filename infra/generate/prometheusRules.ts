import { metricRows } from '@command-center/sidecar/operate/metricRows';
import { prometheusName } from '@command-center/sidecar/operate/prometheus';
import { type SidecarAlarm, sidecarAlarms } from '../cdk/alarmRows.ts';

const functions = { Minimum: 'min_over_time', Maximum: 'max_over_time', Sum: 'increase' } as const;

const minWindowMinutes = 5;

/** Over all sidecars: the worst of a gauge, the sum of counters. */
function expressionOf({ metric, job, statistic, comparison, threshold, periodMinutes }: SidecarAlarm): string {
  const row = Object.values(metricRows).find(({ name }) => name === `command_center.sidecar.${metric}`);
  if (row === undefined) throw new Error(`no metric ${metric}`);
  const selector = `${prometheusName(row)}${job === undefined ? '' : `{job="${job}"}`}`;
  // An increase needs two samples, and many scrape once a minute.
  const over = `${functions[statistic]}(${selector}[${Math.max(periodMinutes, minWindowMinutes)}m])`;
  const all = statistic === 'Sum' ? `sum(${over})` : `${statistic === 'Minimum' ? 'min' : 'max'}(${over})`;
  return `${all} ${comparison === 'above' ? '>' : '<'} ${threshold}`;
}

/** infra/prometheus/command-center.rules.yaml */
export function prometheusRules(): string {
  const rules = sidecarAlarms.map((alarm) => {
    const { title, meaning, periodMinutes, periods, isSilenceBad } = alarm;
    const expression = expressionOf(alarm);
    const silent = isSilenceBad ? ` or absent(${expression.split('(').at(-1)?.split('[')[0]})` : '';
    return `      - alert: ${title.replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())}
        expr: '${expression}${silent}'
        for: ${periodMinutes * (periods - 1)}m
        annotations:
          summary: '${title}'
          description: '${meaning.replaceAll("'", "''")}'
          runbook: 'docs/runbook.md, "${title}"'`;
  });
  return `# Written by \`npm run generate\` from infra/cdk/alarmRows.ts; edit that. The sidecar's alarms for Prometheus, which scrapes /metrics of each with
# \`honor_labels: true\`, since the leader's metrics have a label \`job\` of their own.
groups:
  - name: command-center
    rules:
${rules.join('\n')}
`;
}
