import { type Links, links } from '@command-center/contract/api/links';
import type { Settings } from '@command-center/contract/settings/settings';
import { createRoute } from '@hono/zod-openapi';
import type { Deps } from '../deps.ts';
import { noParameters } from '../requests/parameters.ts';
import { type Api, basePath, security, viewResponses } from './declaration.ts';

const route = createRoute({
  method: 'get',
  path: `${basePath}/links`,
  summary: 'Where to look further: link templates of other tools',
  security,
  request: { query: noParameters },
  responses: viewResponses('Links', links, 'A template for each tool that is configured; `{}` where none is.'),
});

export function addLinks(api: Api, deps: Deps): void {
  const answer = linksOf(deps.settings);
  api.openapi(route, (c) => c.json(answer));
}

function linksOf({ grafanaUrl, tempoUrl, lokiUrl, prometheusUrl }: Settings): Links {
  return {
    ...(grafanaUrl === undefined ? {} : { grafana: grafanaUrl }),
    ...(tempoUrl === undefined ? {} : { tempo: tempoUrl }),
    ...(lokiUrl === undefined ? {} : { loki: lokiUrl }),
    ...(prometheusUrl === undefined ? {} : { prometheus: prometheusUrl }),
  };
}
