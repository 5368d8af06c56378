import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import { config } from '@command-center/contract/api/config';
import { infrastructure } from '@command-center/contract/api/infrastructure';
import { intake } from '@command-center/contract/api/intake';
import { links } from '@command-center/contract/api/links';
import { logs, traces } from '@command-center/contract/api/lists';
import { summary } from '@command-center/contract/api/summary';
import { topErrors, topRoutes } from '@command-center/contract/api/top';
import { trends } from '@command-center/contract/api/trends';
import { voiceQuality, voiceSummary } from '@command-center/contract/api/voice';
import type { z } from 'zod';
import { timeQuery } from '../requests/parameters.ts';
import { logsQuery } from '../routes/logs.ts';
import { basePath } from '../routes/paths.ts';
import { topErrorsQuery } from '../routes/topErrors.ts';
import { topRoutesQuery } from '../routes/topRoutes.ts';
import { tracesQuery } from '../routes/traces.ts';
import { trendsQuery } from '../routes/trends.ts';
import { exportRoutes } from './exports.ts';
import { security, viewResponses } from './responses.ts';

interface Declared extends Pick<RouteConfig, 'path' | 'summary' | 'responses'> {
  readonly query?: z.ZodObject;
}

/** `path`: below the base path. */
function view({ path, query, ...others }: Declared): RouteConfig {
  const request = query === undefined ? {} : { request: { query } };
  return { ...others, method: 'get', path: `${basePath}${path}`, security, ...request };
}

/** What the document says of every endpoint behind the gate, in the order of the reference. */
export const viewRoutes: readonly RouteConfig[] = [
  view({
    path: '/summary',
    summary: 'Is something wrong, what, and since when',
    responses: viewResponses('Summary', summary, 'Verdict, vital signs, services, alerts, metadata, freshness.', {
      isVolatile: true,
    }),
  }),
  view({
    path: '/trends',
    summary: 'Metrics over time: minutes up to 24 h, hours beyond',
    query: trendsQuery,
    responses: viewResponses(
      'Trends',
      trends,
      'A series for each metric, or for each value of `by`. A gap is a missing point. Of histograms, what is older than two whole UTC days is answered by the hour; `resolution` says so.',
    ),
  }),
  view({
    path: '/top-routes',
    summary: 'The slowest routes, or those with most errors',
    query: topRoutesQuery,
    responses: viewResponses(
      'TopRoutes',
      topRoutes,
      'A row a route, over its methods and services; p95 over the whole range. From 24 h on the range begins with a whole hour: `from` and `to` say what is covered.',
    ),
  }),
  view({
    path: '/top-errors',
    summary: 'The most frequent types of error',
    query: topErrorsQuery,
    responses: viewResponses(
      'TopErrors',
      topErrors,
      'A row a type, over the error counters of all services; a request without one counts under its status. From 24 h on the range begins with a whole hour: `from` and `to` say what is covered.',
    ),
  }),
  view({
    path: '/voice/summary',
    summary: 'How voice is doing',
    responses: viewResponses(
      'VoiceSummary',
      voiceSummary,
      'Sessions and rooms now, join success, and the health score of the last 24 h with its parts.',
    ),
  }),
  view({
    path: '/voice/quality',
    summary: 'How good voice was over time',
    query: timeQuery,
    responses: viewResponses(
      'VoiceQuality',
      voiceQuality,
      'Minutes up to 6 h, whole hours beyond: `resolution`, `from` and `to` say so. /trends has minutes up to 24 h.',
    ),
  }),
  view({
    path: '/infrastructure',
    summary: 'Database, Valkey, S3, telemetry pipeline and processes',
    query: timeQuery,
    responses: viewResponses(
      'Infrastructure',
      infrastructure,
      'What is now, and series over the range: minutes up to 6 h, whole hours beyond; `resolution`, `from` and `to` say so.',
    ),
  }),
  view({
    path: '/logs',
    summary: 'WARN and ERROR records, newest first',
    query: logsQuery,
    responses: viewResponses('Logs', logs, 'A page; `next_cursor` is null at the end.'),
  }),
  view({
    path: '/traces',
    summary: 'Spans, newest first: metadata only',
    query: tracesQuery,
    responses: viewResponses('Traces', traces, 'A page; `next_cursor` is null at the end.'),
  }),
  view({
    path: '/intake',
    summary: 'What arrived, and what became of it',
    query: timeQuery,
    responses: viewResponses(
      'Intake',
      intake,
      'Counts of records by signal, service and metric; why some were not kept; which source counts.',
    ),
  }),
  ...exportRoutes,
  view({
    path: '/config',
    summary: 'Thresholds, cadences, feature flags, addresses',
    responses: viewResponses('Config', config, 'What the console needs to know of this deployment.', {
      isFromMemory: true,
    }),
  }),
  view({
    path: '/links',
    summary: 'Where to look further: link templates of other tools',
    responses: viewResponses('Links', links, 'A template for each tool that is configured; `{}` where none is.', {
      isFromMemory: true,
    }),
  }),
];
