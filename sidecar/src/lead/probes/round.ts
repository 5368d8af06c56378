import { type ProbeKind, probePolicy, type ServiceDefinition } from '@command-center/contract/services';
import type { Log } from '../../log.ts';
import { httpProbe } from './http.ts';
import { fails, type Probe, type ProbeResult } from './probe.ts';
import type { S3Target } from './s3.ts';
import { wordsOf } from './words.ts';

/** Where probes go; undefined = nowhere. Holds credentials. */
export interface ProbeTargets {
  readonly http: string | undefined;
  readonly postgres: string | undefined;
  readonly valkey: string | undefined;
  readonly s3: S3Target | undefined;
}

/** What all probes said at one time. */
export interface Round {
  readonly results: ReadonlyMap<ProbeKind, ProbeResult>;
  /** Of performance.now(). */
  readonly startedMs: number;
}

export interface Probes {
  /** Probes everything at once. It takes the probes' deadline at most, and what was under way then is given up. */
  run(): Promise<Round>;
}

/** A deadline is looked at this often. A look that comes late counts once: a thread that was held up itself blames no target. */
const LOOK_EVERY_MS = 50;

/** The probes that a service is judged by and a setting names. What was failing, and that it answers again, is logged once each. */
export function createProbes(services: readonly ServiceDefinition[], targets: ProbeTargets, log: Log): Probes {
  const kinds = new Set(
    services.flatMap(({ conditions }) => conditions.flatMap((one) => (one.type === 'probe' ? [one.probe] : []))),
  );
  const tell = outages(log);
  let loaded: Promise<readonly (readonly [ProbeKind, Probe])[]> | undefined;
  return {
    run: async () => {
      loaded ??= load([...kinds], targets);
      const probes = await loaded;
      const startedMs = performance.now();
      const results = await Promise.all(
        probes.map(async ([kind, probe]) => [kind, await withinDeadline(probe)] as const),
      );
      for (const [kind, result] of results) tell(kind, result);
      return { results: new Map(results), startedMs };
    },
  };
}

/** Libraries are loaded where they are needed: one that is not costs a sidecar no memory. */
async function load(kinds: readonly ProbeKind[], targets: ProbeTargets): Promise<readonly [ProbeKind, Probe][]> {
  const probeOf = async (kind: ProbeKind): Promise<Probe | undefined> => {
    const { http, postgres, valkey, s3 } = targets;
    switch (kind) {
      case 'http':
        return http === undefined ? undefined : httpProbe(http);
      case 'postgres':
        return postgres === undefined ? undefined : (await import('./postgres.ts')).postgresProbe(postgres);
      case 'valkey':
        return valkey === undefined ? undefined : (await import('./valkey.ts')).valkeyProbe(valkey);
      case 's3':
        return s3 === undefined ? undefined : (await import('./s3.ts')).s3Probe(s3);
    }
  };
  const probes = await Promise.all(kinds.map(async (kind) => [kind, await probeOf(kind)] as const));
  return probes.flatMap(([kind, probe]): [ProbeKind, Probe][] => (probe === undefined ? [] : [[kind, probe]]));
}

async function withinDeadline(probe: Probe): Promise<ProbeResult> {
  const ending = new AbortController();
  const looksPerDeadline = probePolicy.timeoutMs / LOOK_EVERY_MS;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ProbeResult>((resolve) => {
    let looks = 0;
    timer = setInterval(() => {
      looks += 1;
      if (looks >= looksPerDeadline) resolve(fails(`no answer within ${probePolicy.timeoutMs / 1000} s`));
    }, LOOK_EVERY_MS);
  });
  const answer = probe(ending.signal).catch((error: unknown) => fails(wordsOf(error)));
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearInterval(timer);
    ending.abort();
  }
}

function outages(log: Log): (kind: ProbeKind, result: ProbeResult) => void {
  const failingSinceMs = new Map<ProbeKind, number>();
  return (kind, { isAnswering, words }) => {
    const sinceMs = failingSinceMs.get(kind);
    if (!isAnswering && sinceMs === undefined) {
      failingSinceMs.set(kind, performance.now());
      log('probe fails', { probe: kind, reason: words });
    }
    if (isAnswering && sinceMs !== undefined) {
      failingSinceMs.delete(kind);
      log('probe answers again', { probe: kind, after_s: Math.round((performance.now() - sinceMs) / 1000) });
    }
  };
}
