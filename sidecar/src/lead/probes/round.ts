import {
  type ProbeCondition,
  probePolicy,
  probeTarget,
  type ServiceDefinition,
} from '@command-center/contract/services';
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

/** What all probes said at one time, by `probeTarget`. */
export interface Round {
  readonly results: ReadonlyMap<string, ProbeResult>;
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
  const conditions = services.flatMap((service) => service.conditions.filter((one) => one.type === 'probe'));
  const byTarget = new Map(conditions.map((one) => [probeTarget(one), one]));
  const tell = outages(log);
  let loaded: Promise<readonly (readonly [string, Probe])[]> | undefined;
  return {
    run: async () => {
      loaded ??= load(byTarget, targets);
      const probes = await loaded;
      const startedMs = performance.now();
      const results = await Promise.all(
        probes.map(async ([target, probe]) => [target, await withinDeadline(probe)] as const),
      );
      for (const [target, result] of results) tell(target, result);
      return { results: new Map(results), startedMs };
    },
  };
}

/** Libraries are loaded where they are needed: one that is not costs a sidecar no memory. */
async function load(
  conditions: ReadonlyMap<string, ProbeCondition>,
  targets: ProbeTargets,
): Promise<readonly [string, Probe][]> {
  const probeOf = async ({ probe, url }: ProbeCondition): Promise<Probe | undefined> => {
    const { postgres, valkey, s3 } = targets;
    const http = url ?? targets.http;
    switch (probe) {
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
  const probes = await Promise.all(
    [...conditions].map(async ([target, condition]) => [target, await probeOf(condition)] as const),
  );
  return probes.flatMap(([target, probe]): [string, Probe][] => (probe === undefined ? [] : [[target, probe]]));
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

function outages(log: Log): (target: string, result: ProbeResult) => void {
  const failingSinceMs = new Map<string, number>();
  return (target, { isAnswering, words }) => {
    const sinceMs = failingSinceMs.get(target);
    if (!isAnswering && sinceMs === undefined) {
      failingSinceMs.set(target, performance.now());
      log('probe fails', { probe: target, reason: words });
    }
    if (isAnswering && sinceMs !== undefined) {
      failingSinceMs.delete(target);
      log('probe answers again', { probe: target, after_s: Math.round((performance.now() - sinceMs) / 1000) });
    }
  };
}
