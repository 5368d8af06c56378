import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import { liveTicket } from '@command-center/contract/api/live';
import { livePath, liveTicketSeconds } from '@command-center/contract/live';
import { httpOk } from '@command-center/contract/reasons';
import { basePath } from '../routes/paths.ts';
import { refusals, security, viewRefusals } from './responses.ts';

/** What the document says of /live/ticket. */
export const liveTicketRoute: RouteConfig = {
  method: 'post',
  path: `${basePath}/live/ticket`,
  summary: 'A ticket for the live socket',
  description:
    `Good once, for ${liveTicketSeconds} s. Open the WebSocket that \`live_url\` of /config names (\`${livePath}\` of a sidecar) and send ` +
    '`{"type":"subscribe","ticket":"…","topics":["overview","voice"]}` first; the first frame is a snapshot of the present.',
  security,
  responses: {
    [httpOk]: {
      description: 'The ticket.',
      content: { 'application/json': { schema: liveTicket.meta({ id: 'LiveTicket' }) } },
    },
    ...refusals([...viewRefusals, 'wrong_origin']),
  },
};
