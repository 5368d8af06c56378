import type { Links } from '@command-center/contract/api/links';
import type { Settings } from '@command-center/contract/settings/settings';
import { type Surroundings, type View, withoutQuery } from './view.ts';

export function linksView({ deps }: Surroundings): View {
  const answer = linksOf(deps.settings);
  return withoutQuery((c) => c.json(answer));
}

function linksOf({ grafanaUrl, tempoUrl, lokiUrl, prometheusUrl }: Settings): Links {
  return {
    ...(grafanaUrl === undefined ? {} : { grafana: grafanaUrl }),
    ...(tempoUrl === undefined ? {} : { tempo: tempoUrl }),
    ...(lokiUrl === undefined ? {} : { loki: lokiUrl }),
    ...(prometheusUrl === undefined ? {} : { prometheus: prometheusUrl }),
  };
}
