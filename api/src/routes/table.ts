import { configView } from './config.ts';
import { linksView } from './links.ts';
import { basePath, callbackPath, signInPath } from './paths.ts';
import type { Surroundings, View } from './view.ts';

/** A route, and where to find what answers it. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** A file is loaded when its route is first asked: a cold start waits for what its one request needs, and for nothing else. */
  readonly load: () => Promise<(around: Surroundings) => View>;
}

const get = (path: string, load: Route['load']): Route => ({ method: 'GET', path, load });
const post = (path: string, load: Route['load']): Route => ({ method: 'POST', path, load });
const view = (path: string, load: Route['load']): Route => get(`${basePath}${path}`, load);

/** Every route there is; those of telemetry stand behind the gate. */
export const routes: readonly Route[] = [
  view('/summary', async () => (await import('./summary.ts')).summaryView),
  view('/trends', async () => (await import('./trends.ts')).trendsView),
  view('/top-routes', async () => (await import('./topRoutes.ts')).topRoutesView),
  view('/top-errors', async () => (await import('./topErrors.ts')).topErrorsView),
  view('/voice/summary', async () => (await import('./voiceSummary.ts')).voiceSummaryView),
  view('/voice/quality', async () => (await import('./voiceQuality.ts')).voiceQualityView),
  view('/infrastructure', async () => (await import('./infrastructure.ts')).infrastructureView),
  view('/logs', async () => (await import('./logs.ts')).logsView),
  view('/traces', async () => (await import('./traces.ts')).tracesView),
  view('/intake', async () => (await import('./intake.ts')).intakeView),
  view('/export', async () => (await import('./export.ts')).downloadView),
  post(`${basePath}/export`, async () => (await import('./export.ts')).bucketView),
  post(`${basePath}/live/ticket`, async () => (await import('./liveTicket.ts')).liveTicketView),
  // What a page asks before all else, and short.
  view('/config', async () => configView),
  view('/links', async () => linksView),
  get('/login', async () => (await import('./login.ts')).loginPageView),
  post('/login', async () => (await import('./login.ts')).loginView),
  post('/logout', async () => (await import('./login.ts')).logoutView),
  get(signInPath, async () => (await import('./signIn.ts')).signInView),
  get(callbackPath, async () => (await import('./signIn.ts')).callbackView),
  get('/healthz', async () => (await import('./health.ts')).healthView),
  get('/openapi.json', async () => (await import('./reference.ts')).documentView),
  get('/docs', async () => (await import('./reference.ts')).referenceView),
];

/** Loads what answers every route: for a process that runs for long, whose files may be others by the time a route is first asked. */
export async function loadRoutes(): Promise<void> {
  await Promise.all(routes.map(({ load }) => load()));
}

/** What answers a route. It is made once, by the first request that has its file. */
export function viewOf({ load }: Route, around: Surroundings): View {
  let made: View | undefined;
  return async (c) => {
    // A promise that requests shared would be one that another request began, and on Workers nobody may wait for that.
    if (made === undefined) {
      const make = await load();
      made ??= make(around);
    }
    return made(c);
  };
}
