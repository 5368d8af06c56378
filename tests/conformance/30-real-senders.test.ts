import { afterEach, describe, expect, it } from 'vitest';
import { type Fault, inOrder } from '../collector/faults.ts';
import { makeLoad, range, send } from '../collector/load.ts';
import { missing } from '../collector/programs.ts';
import { type ExporterName, openRoute, type Route, undelivered } from '../collector/route.ts';

/** otlp-conformance item 30, with the collector's own exporters; the SDK's and restarts stand in files of their own beside this one. */

const reason = missing('otelcol');
const REQUESTS = 24;

/** A code or status by itself, with a hint, and after the request was stored. */
const eachWay = (status: number): Fault[] => [{ status }, { status, hint: '1' }, { status, isStored: true }];
/** In whole seconds ahead, as RFC 9110 writes dates. */
const dateIn = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toUTCString();

/** Item 6: what is retried, and only this. */
const retryable: Readonly<Record<ExporterName, readonly Fault[]>> = {
  otlp_grpc: [
    ...[1, 4, 10, 11, 14, 15].flatMap(eachWay),
    { status: 8, hint: '0' },
    { status: 8, hint: '1' },
    { status: 8, hint: '0', isStored: true },
  ],
  otlp_http: [
    ...[429, 502, 503, 504].flatMap(eachWay),
    { status: 503, hint: dateIn(2) },
    { status: 503, hint: '1.5' },
    { status: 429, hint: 'soon' },
    { status: 'cut' },
    { status: 'cut', isStored: true },
  ],
};

/** What makes the collector drop data for good. */
const permanent: Readonly<Record<ExporterName, readonly Fault[]>> = {
  otlp_grpc: [2, 3, 5, 6, 7, 8, 9, 12, 13, 16].map((status) => ({ status })),
  otlp_http: [400, 401, 403, 404, 405, 413, 415, 500, 501].map((status) => ({ status })),
};

let route: Route | undefined;
afterEach(async () => {
  await route?.close();
  route = undefined;
});

describe.each(['otlp_grpc', 'otlp_http'] as const)(
  "through the statuses of item 6 the ledger of the collector's %s matches",
  (exporter) => {
    it('retryable ones, hinted or not, before or after the data was stored: nothing lost, nothing doubled', {
      timeout: 90_000,
    }, async ({ skip }) => {
      if (reason !== undefined) skip(reason);
      const faults = retryable[exporter];
      route = await openRoute(exporter, { plan: inOrder(faults) });
      const load = makeLoad('retryable', REQUESTS);
      await send(load, route.gateway().http, range(0, REQUESTS));
      await route.expectLedger(load);
      expect(route.door.attempts.filter(({ fault }) => fault !== undefined)).toHaveLength(faults.length);
      expect(route.door.attempts).toHaveLength(3 * REQUESTS + faults.length);
    });

    it('others: the loss is exactly what was refused', { timeout: 90_000 }, async ({ skip }) => {
      if (reason !== undefined) skip(reason);
      const faults = permanent[exporter];
      route = await openRoute(exporter, { plan: inOrder(faults) });
      const load = makeLoad('permanent', REQUESTS);
      await send(load, route.gateway().http, range(0, REQUESTS));
      const { door } = route;
      await expect.poll(() => door.attempts.length, { timeout: 30_000 }).toBe(3 * REQUESTS);
      const lost = undelivered(load, door);
      const count = Object.values(lost).reduce((total, each) => total + each.size, 0);
      expect(count).toBe(faults.length);
      await route.expectLedger(load, lost);
      expect(door.attempts).toHaveLength(3 * REQUESTS);
    });

    it('an error in place of a success that was stored is no loss, and no double', { timeout: 90_000 }, async ({
      skip,
    }) => {
      if (reason !== undefined) skip(reason);
      const status = exporter === 'otlp_grpc' ? 13 : 500;
      route = await openRoute(exporter, {
        plan: inOrder(Array.from({ length: 9 }, () => ({ status, isStored: true }))),
      });
      const load = makeLoad('answered-wrongly', REQUESTS);
      await send(load, route.gateway().http, range(0, REQUESTS));
      await route.expectLedger(load);
    });
  },
);
