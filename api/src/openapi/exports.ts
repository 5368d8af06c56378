import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import { exportDocument, exportLink } from '@command-center/contract/api/exports';
import { httpOk } from '@command-center/contract/reasons';
import { z } from 'zod';
import { truncatedHeader } from '../headers.ts';
import { limits } from '../limits.ts';
import { exportQuery } from '../requests/exportQuery.ts';
import { basePath } from '../routes/paths.ts';
import { refusals, security, viewRefusals } from './responses.ts';

const path = `${basePath}/export`;
const order = `Logs and traces newest first, metrics series after series; at most ${limits.exportRows} rows.`;

const download: RouteConfig = {
  method: 'get',
  path,
  summary: 'Logs, traces or metrics as a file, with the filters of their lists',
  description: `${order} Streamed: a download without its end is broken. \`${truncatedHeader}\` says whether there are more rows.`,
  security,
  request: { query: exportQuery },
  responses: {
    [httpOk]: {
      description: 'The file.',
      headers: z.object({
        [truncatedHeader]: z.enum(['true', 'false']).meta({ description: 'Whether there are more rows.' }),
        'Content-Disposition': z.string().meta({ description: 'An attachment, and its name.' }),
      }),
      content: {
        'text/csv': { schema: z.string() },
        'application/json': { schema: exportDocument.meta({ id: 'Export' }) },
      },
    },
    ...refusals([...viewRefusals, 'too_many_requests']),
  },
};

const put: RouteConfig = {
  method: 'post',
  path,
  summary: 'The same file, put into the export bucket',
  description: `${order} The link is good for an hour; whoever has it has the file.`,
  security,
  request: { query: exportQuery },
  responses: {
    [httpOk]: {
      description: 'Where the file lies.',
      content: { 'application/json': { schema: exportLink.meta({ id: 'ExportLink' }) } },
    },
    ...refusals([
      ...viewRefusals,
      'wrong_origin',
      'too_many_requests',
      'export_bucket_missing',
      'export_bucket_refused',
      'export_bucket_unavailable',
    ]),
  },
};

/** What the document says of /export. */
export const exportRoutes: readonly RouteConfig[] = [download, put];
