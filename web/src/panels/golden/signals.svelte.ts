import type { Config } from '@command-center/contract/api/config';
import { logs } from '@command-center/contract/api/lists';
import { topErrors, topRoutes } from '@command-center/contract/api/top';
import { trends } from '@command-center/contract/api/trends';
import { cadences } from '@command-center/contract/cadences';
import { poll } from '../../state/poll.svelte.ts';
import { pathOf } from '../../state/request.ts';
import { timeParameters } from '../../state/timeChoice.ts';
import { view } from '../../state/view.svelte.ts';
import { collectorFailures, metrics } from './questions.ts';
import { latelyOf } from './routes.ts';

/** ERROR records that incident view marks: the newest, as many as a page of the list holds. */
export const mostMarked = 100;

/** Which values of a label reported requests at the end of the range; once. */
const namesOf = (by: string, where: readonly string[]) => ({
  path: pathOf('/trends', { metric: metrics.requests, by, where, ...latelyOf(view.now.time) }),
  schema: trends,
  cadenceMs: null,
});

/** Everything that the tab asks for, at its cadence. Call it while the tab's component is made. */
export function followSignals(config: () => Config | null) {
  const cadenceMs = $derived((config()?.cadences.trends ?? cadences.trends) * 1_000);
  const time = $derived(timeParameters(view.now.time));
  const ofService = $derived(view.now.service === '' ? [] : [`service.name:${view.now.service}`]);
  const ofRoute = $derived(view.now.route === '' ? ofService : [...ofService, `http.route:${view.now.route}`]);
  const ask = (metric: readonly string[], where: readonly string[], by = '') => ({
    path: pathOf('/trends', { metric, where, by, ...time }),
    schema: trends,
    cadenceMs,
  });
  const top = $derived({ limit: '10', service: view.now.service, ...time });
  const topRoutesBy = (sort: string) => ({
    path: pathOf('/top-routes', { sort, ...top }),
    schema: topRoutes,
    cadenceMs,
  });
  return {
    get cadenceMs() {
      return cadenceMs;
    },
    http: poll(() => ask([metrics.duration, metrics.requests], ofRoute)),
    httpErrors: poll(() => ask([metrics.errors], ofRoute, 'http.response.status_code')),
    work: poll(() => {
      const { queries, sessionDuration, sockets, messages, sessions, packets, reconnects, exports } = metrics;
      return ask([queries, sessionDuration, sockets, messages, sessions, packets, reconnects, exports], ofService);
    }),
    room: poll(() => ask([metrics.mostConnections, metrics.droppedSpans, metrics.memory], ofService)),
    connections: poll(() => ask([metrics.connections], ofService, 'db.client.connection.state')),
    outcomes: poll(() => ask([metrics.logins, metrics.refreshes], ofService, 'outcome')),
    joins: poll(() => ask([metrics.joins], ofService, 'voice.session_outcome')),
    collectors: poll(() => ask(collectorFailures, ofService)),
    slowRoutes: poll(() => topRoutesBy('latency')),
    failingRoutes: poll(() => topRoutesBy('errors')),
    errorTypes: poll(() => ({
      path: pathOf('/top-errors', top),
      schema: topErrors,
      cadenceMs,
    })),
    /** Only while incident view is on. */
    errorRecords: poll(() =>
      view.now.isIncident
        ? {
            path: pathOf('/logs', {
              level: 'ERROR',
              service: view.now.service,
              limit: String(mostMarked),
              ...time,
            }),
            schema: logs,
            cadenceMs,
          }
        : null,
    ),
    serviceNames: poll(() => namesOf('service.name', [])),
    routeNames: poll(() => namesOf('http.route', ofService)),
  };
}

export type Signals = ReturnType<typeof followSignals>;
