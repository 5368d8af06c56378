import type { Settings } from '@command-center/contract/settings/settings';
import type { Committer } from '../batch/committer.ts';
import type { Engine } from '../batch/engine.ts';
import type { Log } from '../log.ts';
import { type EmfOptions, startEmf } from './emf.ts';
import type { Meters } from './meters.ts';
import { type OtlpExportOptions, startOtlpExport } from './otlpExport.ts';
import { measureProcess } from './processMeters.ts';
import { prometheusText, prometheusType } from './prometheus.ts';
import type { Readiness } from './readiness.ts';
import { line, type OwnServer, startOwnServer, type Upgrade } from './server.ts';

export interface OperatingOptions {
  readonly settings: Pick<Settings, 'sidecarHost' | 'sidecarPort'> &
    OtlpExportOptions['settings'] &
    EmfOptions['settings'];
  readonly readiness: Readiness;
  readonly meters: Meters;
  readonly committer: Pick<Committer, 'load'>;
  readonly engine: Pick<Engine, 'held'>;
  readonly log: Log;
  /** Paths that speak another protocol. */
  readonly upgrades: Readonly<Record<string, Upgrade>>;
}

/** Opens the sidecar's own server with what orchestrators, scrapers and people ask of it, and sends its metrics where they are wanted. */
export async function startOperating(options: OperatingOptions): Promise<OwnServer> {
  const { settings, readiness, meters, log } = options;
  measure(options);
  const stopMeasuring = measureProcess(meters);
  const address = { host: settings.sidecarHost, port: settings.sidecarPort };
  const pages = {
    '/healthz': () => line(true, 'alive'),
    '/readyz': () => line(readiness.isReady(), readiness.words()),
    '/metrics': () => ({ isFine: true, type: prometheusType, body: prometheusText(meters.snapshot()) }),
  };
  const server = await startOwnServer(address, pages, options.upgrades);
  const exporting = startOtlpExport({ settings, meters, log });
  const telling = startEmf({ settings, meters, write: (text) => void process.stdout.write(`${text}\n`) });
  return {
    ...server,
    stop: async () => {
      stopMeasuring();
      telling.stop();
      await Promise.all([server.stop(), exporting.stop()]);
    },
  };
}

/** What is read from others when someone asks. */
function measure({ meters, readiness, committer, engine }: OperatingOptions): void {
  meters.observe('ready', () => (readiness.isReady() ? 1 : 0));
  meters.observe('degraded', () => (readiness.isDegraded() ? 1 : 0));
  meters.observe('outages', () => readiness.outages());
  meters.observe('queuedRequests', () => committer.load().waiting);
  meters.observe('queueAge', () => committer.load().oldestAgeMs / 1000);
  meters.observe('bytesInFlight', () => committer.load().bytesInFlight);
  meters.observe('streams', () => engine.held().streams);
  meters.observe('windows', () => engine.held().windows);
}
