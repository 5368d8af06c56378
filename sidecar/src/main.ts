import { type Contract, defaultContract } from '@command-center/contract/contract';
import { livePath } from '@command-center/contract/live';
import type { ReasonCode } from '@command-center/contract/reasons';
import type { Settings } from '@command-center/contract/settings/settings';
import { connectWithDeadline } from '@command-center/drizzle/deadline';
import { migrate } from '@command-center/drizzle/migrate';
import { Committer } from './batch/committer.ts';
import { curateRequest } from './batch/curateRequest.ts';
import { Engine } from './batch/engine.ts';
import { startUpkeep } from './batch/upkeep.ts';
import { createCurator } from './curate/curator.ts';
import type { Signal } from './decode/records.ts';
import { createLeader } from './lead/leader.ts';
import { Gateway } from './live/gateway.ts';
import { tellStoredLogs } from './live/stored.ts';
import { jsonLog, type Log } from './log.ts';
import { observeBatches } from './operate/batchMeters.ts';
import { watchDatabase } from './operate/databaseWatch.ts';
import { guardedCommit } from './operate/guardedCommit.ts';
import { createMeters } from './operate/meters.ts';
import { startOperating } from './operate/operate.ts';
import { outageWords } from './operate/outage.ts';
import { createReadiness } from './operate/readiness.ts';
import { startGrpcDoor } from './receive/grpcDoor.ts';
import { startHttpDoor } from './receive/httpDoor.ts';

/** How long calls in flight may take to finish once the doors are shut; all of a stop fits into 5 s. */
const STOP_GRACE_MS = 3_000;
/** For a batch that is still under way then. */
const STOP_COMMIT_MS = 500;

export interface SidecarOptions {
  readonly settings: Settings;
  /** The built-in one where left out. */
  readonly contract?: Contract;
  readonly databaseUrl: string;
  readonly log?: Log;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Sidecar {
  readonly grpc: Address;
  readonly http: Address;
  /** Where it answers /healthz, /readyz and /metrics. */
  readonly own: Address;
  /** Doors shut, what was accepted committed, then the pool closed. */
  stop(): Promise<void>;
}

/**
 * The sidecar's chain, built back to front and stopped front to back:
 * receive -> decode -> curate -> aggregate -> store; live and lead read what is stored.
 * Resolves when it serves: with the database reached and migrated, or away and waited for, in which case senders are told to come again.
 * @throws the doors' own listen errors (`EADDRINUSE`, with the port), and a sentence about the database where waiting does not cure it (`isPassing`).
 */
export async function startSidecar({
  settings,
  contract = defaultContract,
  databaseUrl,
  log = jsonLog,
}: SidecarOptions): Promise<Sidecar> {
  const readiness = createReadiness(log);
  const meters = createMeters();
  const pool = connectWithDeadline(databaseUrl, { name: 'command-center-sidecar', max: 2 });
  const { sql } = pool;
  const live = new Gateway({ databaseUrl, settings, contract, log, meters });
  const observer = tellStoredLogs(observeBatches(meters, readiness, Date.now), () => live.hurry());
  const { maxSeriesPerMetric } = settings;
  const engine = new Engine({ sql, maxSeriesPerMetric, nowMs: Date.now, log, observer });
  const curator = createCurator({ settings, nowMs: Date.now, catalogue: contract.catalogue });
  const committer = new Committer({
    curate: (request) => curateRequest(curator, request),
    commit: guardedCommit(pool, readiness, (requests) => engine.commit(requests)),
    maxBytesInFlight: settings.memoryLimitBytes,
    observer,
  });
  const upkeep = startUpkeep({ pool, engine, committer, isPaused: () => readiness.refusal() !== undefined, log });
  const leader = createLeader({ settings, contract, databaseUrl, log, count: meters.add });
  const upgrades = { [livePath]: live.upgrade.bind(live) };
  const own = await startOperating({ settings, readiness, meters, committer, engine, log, upgrades });
  const onRefused = (signal: Signal, reason: ReasonCode): void => {
    upkeep.onRefused(signal, reason);
    meters.add('refusedRequests', 1, signal, reason);
  };
  const door = { settings, onRefused, availability: readiness, log };
  const grpc = await startGrpcDoor(door, committer);
  const http = await startHttpDoor(door, committer);
  const database = watchDatabase({
    pool,
    readiness,
    migrate: async (signal) => {
      const { warnings } = await migrate(databaseUrl, { signal });
      for (const message of warnings) log('database_warning', { message });
    },
    onReached: async () => {
      // It may have been restored, or be another one, since.
      await committer.exclusively(async () => engine.forget());
      leader.start();
    },
  });
  const stop = async (): Promise<void> => {
    readiness.stopping();
    const shut = () => Promise.all([grpc.stop(STOP_GRACE_MS), http.stop(STOP_GRACE_MS), leader.stop(), live.stop()]);
    // Whoever waits for a server that is silent gets an answer before the connection is cut.
    await pool.within(STOP_GRACE_MS - 500, shut);
    await pool.within(STOP_COMMIT_MS, () => committer.stop());
    await pool.within(STOP_COMMIT_MS, () => upkeep.stop());
    await pool.within(STOP_COMMIT_MS, () => database.stop());
    await own.stop();
    await sql.end({ timeout: 1 });
  };
  await database.firstLook.catch(async (error: unknown) => {
    await stop();
    throw new Error(`COMMAND_CENTER_DATABASE_URL: ${outageWords(error)}`, { cause: error });
  });
  return {
    grpc: { host: grpc.host, port: grpc.port },
    http: { host: http.host, port: http.port },
    own: { host: own.host, port: own.port },
    stop,
  };
}
