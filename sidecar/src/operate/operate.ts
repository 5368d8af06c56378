import type { Settings } from '@command-center/contract/settings/settings';
import type { Meters } from './meters.ts';
import { measureProcess } from './processMeters.ts';
import { prometheusText, prometheusType } from './prometheus.ts';
import type { Readiness } from './readiness.ts';
import { line, type OwnServer, startOwnServer } from './server.ts';

/** Opens the sidecar's own server with what orchestrators, scrapers and people ask of it. */
export async function startOperating(
  { sidecarHost, sidecarPort }: Pick<Settings, 'sidecarHost' | 'sidecarPort'>,
  readiness: Readiness,
  meters: Meters,
): Promise<OwnServer> {
  meters.observe('ready', () => (readiness.isReady() ? 1 : 0));
  meters.observe('outages', () => readiness.outages());
  const server = await startOwnServer(
    { host: sidecarHost, port: sidecarPort },
    {
      '/healthz': () => line(true, 'alive'),
      '/readyz': () => line(readiness.isReady(), readiness.words()),
      '/metrics': () => ({ isFine: true, type: prometheusType, body: prometheusText(meters.snapshot()) }),
    },
  );
  const stopMeasuring = measureProcess(meters);
  return {
    ...server,
    stop: async () => {
      stopMeasuring();
      await server.stop();
    },
  };
}
