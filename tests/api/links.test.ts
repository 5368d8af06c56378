import { links } from '@command-center/contract/api/links';
import { describe, expect, test } from 'vitest';
import { base, openStage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');

async function linksWith(environment: Readonly<Record<string, string>>) {
  const stage = await openStage(now, environment);
  try {
    return links.parse(await stage.read(`${base}/links`));
  } finally {
    await stage.close();
  }
}

describe('deep links (interfaces.md §1)', () => {
  test('none are configured', async () => {
    expect(await linksWith({})).toEqual({});
  });

  test('templates are handed on as they are, those that are not set are left out', async () => {
    const tempo = 'https://tempo.example/trace/{trace_id}?from={from}&to={to}';
    const grafana = 'https://grafana.example/d/overview';
    const answer = await linksWith({ COMMAND_CENTER_TEMPO_URL: tempo, COMMAND_CENTER_GRAFANA_URL: grafana });
    expect(answer).toEqual({ tempo, grafana });
  });

  test('all four', async () => {
    const environment = Object.fromEntries(
      ['GRAFANA', 'TEMPO', 'LOKI', 'PROMETHEUS'].map((name) => [
        `COMMAND_CENTER_${name}_URL`,
        `http://${name}.example/`,
      ]),
    );
    expect(Object.keys(await linksWith(environment)).sort()).toEqual(['grafana', 'loki', 'prometheus', 'tempo']);
  });
});
