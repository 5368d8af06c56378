import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { liveTicketRoute } from './live.ts';
import { otherRoutes } from './others.ts';
import { namedProblem, registerComponents } from './responses.ts';
import { viewRoutes } from './views.ts';

/** The API's document (OpenAPI 3.1). The schemas of its answers are made when it is first asked for, not when the API starts. */
export function documentOf(version: string) {
  const registry = new OpenAPIRegistry();
  registerComponents(registry);
  for (const route of [...viewRoutes, liveTicketRoute, ...otherRoutes]) registry.registerPath(route);
  return new OpenApiGeneratorV31([...registry.definitions, { type: 'schema', schema: namedProblem }]).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Command Center API',
      version,
      description:
        'Thirty days of telemetry, read only. Send a bearer token, the admin token or an access token of the identity provider, or sign in. Of an answer with an ETag ask again with If-None-Match. Errors are RFC 9457 problem details.',
    },
  });
}
