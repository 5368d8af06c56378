import type { Links } from '@command-center/contract/api/links';
import { isEmpty, type Scenario } from './scenario.ts';

export function linksOf(scenario: Scenario): Links {
  if (isEmpty(scenario)) return {};
  return {
    grafana: 'https://grafana.example.org/d/overview?var-service={service}&from={from}&to={to}',
    tempo: 'https://tempo.example.org/trace/{trace_id}?from={from}&to={to}',
    loki: 'https://loki.example.org/explore?service={service}&from={from}&to={to}',
    prometheus: 'https://prometheus.example.org/graph',
  };
}
