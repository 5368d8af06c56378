import { type Contract, defaultContract } from '@command-center/contract/contract';
import type { Settings } from '@command-center/contract/settings/settings';
import { connect } from '@command-center/drizzle/connect';
import { Committer } from './batch/committer.ts';
import { curateRequest } from './batch/curateRequest.ts';
import { Engine } from './batch/engine.ts';
import { startUpkeep } from './batch/upkeep.ts';
import { createCurator } from './curate/curator.ts';
import { startLeader } from './lead/leader.ts';
import { jsonLog, type Log } from './log.ts';
import { startGrpcDoor } from './receive/grpcDoor.ts';
import { startHttpDoor } from './receive/httpDoor.ts';

/** How long calls in flight may take to finish once the doors are shut; all of a stop fits into 5 s. */
const STOP_GRACE_MS = 3_000;

export interface SidecarOptions {
  readonly settings: Settings;
  /** The built-in one where left out. */
  readonly contract?: Contract;
  /** Migrated already. */
  readonly databaseUrl: string;
  readonly log?: Log;
}

export interface Sidecar {
  readonly grpc: { readonly host: string; readonly port: number };
  readonly http: { readonly host: string; readonly port: number };
  /** Doors shut, what was accepted committed, then the pool closed. */
  stop(): Promise<void>;
}

/**
 * The sidecar's chain, built back to front and stopped front to back:
 * receive -> decode -> curate -> aggregate -> store.
 * @throws the doors' own listen errors (`EADDRINUSE`, with the port) and connection errors of Postgres.
 */
export async function startSidecar({
  settings,
  contract = defaultContract,
  databaseUrl,
  log = jsonLog,
}: SidecarOptions): Promise<Sidecar> {
  const sql = connect(databaseUrl, { name: 'command-center-sidecar', max: 2 });
  const engine = new Engine({ sql, maxSeriesPerMetric: settings.maxSeriesPerMetric, nowMs: Date.now, log });
  const curator = createCurator({ settings, nowMs: Date.now, catalogue: contract.catalogue });
  const committer = new Committer({
    curate: (request) => curateRequest(curator, request),
    commit: (requests) => engine.commit(requests),
    maxBytesInFlight: settings.memoryLimitBytes,
  });
  const upkeep = startUpkeep({ sql, engine, committer, log });
  const leader = await startLeader({ settings, contract, databaseUrl, log });
  const door = { settings, onRefused: upkeep.onRefused, log };
  const grpc = await startGrpcDoor(door, committer);
  const http = await startHttpDoor(door, committer);
  return {
    grpc: { host: grpc.host, port: grpc.port },
    http: { host: http.host, port: http.port },
    stop: async () => {
      await Promise.all([grpc.stop(STOP_GRACE_MS), http.stop(STOP_GRACE_MS)]);
      await committer.stop();
      await upkeep.stop();
      await leader.stop();
      await sql.end({ timeout: 1 });
    },
  };
}
