import { httpOk } from '@command-center/contract/reasons';
import { referencePage } from '../pages/reference.ts';
import type { Api } from './declaration.ts';

/** The API's document and its reference page, both made of the routes that stand in `api`. */
export function addReference(api: Api, version: string): void {
  const document = () =>
    api.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Command Center API',
        version,
        description:
          'Thirty days of telemetry, read only. Send a bearer token, the admin token or an access token of the identity provider, or sign in. Of an answer with an ETag ask again with If-None-Match. Errors are RFC 9457 problem details.',
      },
    });
  api.get('/openapi.json', (c) => c.json(document()));
  api.get('/docs', async (c) => {
    const { html, policy } = await referencePage(document());
    return c.html(html, httpOk, { 'Content-Security-Policy': policy });
  });
}
