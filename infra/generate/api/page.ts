import { limits } from '@command-center/api/limits';
import { problemMediaType, problemType } from '@command-center/api/problems';
import { basePath } from '@command-center/api/routes/paths';
import { reasonCodes, reasons } from '@command-center/contract/reasons';
import { retentionDays } from '@command-center/contract/retention';
import { code, noticeOf, table } from '../table.ts';
import { doorSections, sidecarSections } from './doors.ts';
import { type Operation, readOperations } from './operations.ts';
import { sectionOf } from './sections.ts';

/** GitHub's anchor of an endpoint's heading. */
const anchorOf = ({ method, path }: Operation): string =>
  `${method} ${path}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');

function contents(operations: readonly Operation[]): string {
  const rows = operations.map((each) => [
    `[\`${each.method} ${each.path.replace(basePath, '')}\`](#${anchorOf(each)})`,
    each.summary,
    each.security === undefined ? 'anybody' : 'system admins',
  ]);
  return table(['request', 'answers', 'for'], rows);
}

function errors(operations: readonly Operation[]): string {
  const answered = new Set(operations.flatMap(({ responses }) => responses.flatMap(({ codes }) => codes)));
  // Of no endpoint in particular.
  const everywhere = new Set(['not_found', 'method_not_allowed', 'internal', 'client_gone']);
  const rows = reasonCodes
    .filter((each) => answered.has(each) || everywhere.has(each))
    .map((each) => {
      const { httpStatus, isRetryable, actor, title, text } = reasons[each];
      return [code(each), String(httpStatus), isRetryable ? 'yes' : 'no', actor, `${title}. ${text}`];
    });
  return table(['code', 'status', 'try again', 'who acts', 'what it means'], rows);
}

const pages = [
  [
    '`GET /`, `GET /command-center`',
    'The console: one page, and its files below `/assets/`. Its views need identity; the page itself does not.',
  ],
  ['`GET /docs`', 'The endpoints of this page, written by the API that runs.'],
  ['`GET /openapi.json`', 'The OpenAPI 3.1 document, with every schema.'],
];

/** docs/api.md */
export function apiPage(): string {
  const { operations, schemas } = readOperations();
  return `${noticeOf('the schemas of contract/src, the routes of api/src and their comments')}

# The API

Everything the product answers, over HTTP, gRPC and the live socket. A running API says the same at \`/docs\` and \`/openapi.json\`.

Requests below \`${basePath}\` need the admin token or an access token of the identity provider (\`Authorization: Bearer …\`) or the
session cookie of a [sign-in](identity.md), and each one is audited. Nothing there changes telemetry: it is read only.

- **Time** is RFC 3339 in UTC with milliseconds; \`from\` and \`to\` may be milliseconds since the epoch as well. Endpoints over time take
  \`range\`, or \`from\` (inclusive) and \`to\` (exclusive): at most ${retentionDays} days, which is all that is kept. An older \`from\` is answered from there on.
- **Names** are the same in SQL, here and in live frames. \`_ms\`, \`_s\` and \`_rate\` are milliseconds, seconds and shares of 0 to 1; values of
  metrics are in \`unit\`, the one of [the contract](contract.md). Null is no data, never zero.
- **Percentiles** come with \`_lo\` and \`_hi\`, between which they lie, and \`_quality\`: \`exact\` (within 1.1 %), \`bounded\` (by the sender's
  buckets) or \`overflow\` (past the last one; then \`_hi\` is null).
- **Lists** are pages, newest first: \`limit\` up to ${limits.pageRows}, then \`next_cursor\`. Nothing is cut silently: what is too much is a 400.
- **Asking again**: send the \`ETag\` of an answer as \`If-None-Match\`; 304 means that nothing is new.
- **Errors** are \`${problemMediaType}\` (RFC 9457): \`type\` (\`${problemType('invalid_parameter')}\`), \`title\`, \`status\`, \`detail\`, and
  \`parameter\` where one is at fault. What each means: [errors](#errors).

${contents(operations)}

Beside these there are pages:

${table(['request', 'answers'], pages)}

${operations.map((each) => sectionOf(each, schemas)).join('\n\n')}

## Errors

Any request may also be answered with one of the codes that no endpoint lists: a path or method that nothing serves, and \`internal\`.

${errors(operations)}

${sidecarSections()}

${doorSections()}
`;
}
