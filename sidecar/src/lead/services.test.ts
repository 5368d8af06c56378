import { silenceMs } from '@command-center/contract/retention';
import { type ServiceDefinition, services } from '@command-center/contract/services';
import { readSettings } from '@command-center/contract/settings/settings';
import { describe, expect, test } from 'vitest';
import { answers, fails, type ProbeResult } from './probes/probe.ts';
import { judgeService } from './services.ts';
import { leaderSettings } from './settings.ts';
import { type Situation, situationOf } from './situation.ts';

const nowMs = Date.parse('2026-11-27T12:00:00Z');
const settings = leaderSettings(readSettings({}));
type Levels = Readonly<Record<string, number>>;

/** When each metric was last heard, in ms before now, and what its level is. */
function situation(heardMsAgo: Readonly<Record<string, number>> = {}, levels: Levels = {}): Situation {
  const datumMs = (metric: string): number | null => {
    const ago = heardMsAgo[metric];
    return ago === undefined ? null : nowMs - ago;
  };
  const empty = situationOf(new Map(), { nowMs, datumMs, anyDatumMs: null, errorRecords: [] }, undefined);
  return { ...empty, level: (metric) => levels[metric] ?? null };
}

function judged(
  id: string | ServiceDefinition,
  present: Situation,
  result?: ProbeResult,
): { status: string; reason: string; isHeard: boolean } {
  const service = typeof id === 'string' ? services.find((one) => one.id === id) : id;
  if (service === undefined) throw new Error(`${String(id)} is no service`);
  const kinds = service.conditions.flatMap((one) => (one.type === 'probe' ? [one.probe] : []));
  const probed = new Map(result === undefined ? [] : kinds.map((kind) => [kind, result]));
  return judgeService(service, present, settings, probed);
}

const requests = 'kaiku_http_requests_total';
const pool = 'db.client.connection.count';
const pinged = answers('PING answers');
const refused = fails('connection refused');

describe('a service by its probe and its metrics (contract.md §6)', () => {
  test('a failed probe is down, whatever is reported', () => {
    expect(judged('http_api', situation({ [requests]: 0 }), refused)).toEqual({
      status: 'down',
      reason: 'connection refused',
      isHeard: true,
    });
    expect(judged('valkey', situation(), refused)).toMatchObject({ status: 'down', isHeard: true });
  });

  test('an answer alone is healthy where there is no metric', () => {
    expect(judged('valkey', situation(), pinged)).toEqual({ status: 'healthy', reason: 'PING answers', isHeard: true });
  });

  test('an answer with a metric that fell silent, or never came, is degraded', () => {
    const silent = judged('http_api', situation({ [requests]: silenceMs + 1 }), answers('GET answers 200'));
    expect(silent).toMatchObject({ status: 'degraded', isHeard: true });
    expect(silent.reason).toBe(`${requests} was last reported at 2026-11-27 11:56 UTC`);
    expect(judged('http_api', situation(), answers('GET answers 200'))).toEqual({
      status: 'degraded',
      reason: `${requests} was never reported`,
      isHeard: true,
    });
  });

  test('an answer with a red metric is degraded, with a metric that is well healthy', () => {
    const selected = answers('SELECT 1 answers');
    expect(judged('postgresql', situation({}, { [pool]: 0 }), selected)).toMatchObject({
      status: 'degraded',
      reason: 'no idle connections in the pool',
    });
    expect(judged('postgresql', situation({}, { [pool]: 3 }), selected)).toMatchObject({
      status: 'healthy',
      reason: 'SELECT 1 answers; the pool has idle connections',
    });
  });

  test('silent without a probe is unknown, and heard; never reported is neither', () => {
    expect(judged('http_api', situation({ [requests]: silenceMs + 1 }))).toMatchObject({
      status: 'unknown',
      isHeard: true,
    });
    expect(judged('http_api', situation())).toMatchObject({ status: 'unknown', isHeard: false });
    expect(judged('http_api', situation({ [requests]: silenceMs }))).toMatchObject({ status: 'healthy' });
  });

  test('a probe that is unset is unconfigured unless it is optional, and of Postgres our own', () => {
    expect(judged('valkey', situation())).toEqual({
      status: 'unconfigured',
      reason: 'COMMAND_CENTER_PROBE_VALKEY_URL is not set',
      isHeard: false,
    });
    expect(judged('s3', situation())).toMatchObject({ status: 'unconfigured', isHeard: false });
    expect(judged('postgresql', situation())).toEqual({
      status: 'healthy',
      reason: 'SELECT 1 answers',
      isHeard: false,
    });
  });

  test('a probe of its own address, and no answer of another one', () => {
    const url = 'http://search.internal/livez';
    const conditions = [{ type: 'probe', probe: 'http', setting: 'probeHttpUrl', isOptional: false, url } as const];
    const search = { id: 'search', name: 'Search', healthyWhen: '', conditions };
    const judge = (probed: ReadonlyMap<string, ProbeResult>) => judgeService(search, situation(), settings, probed);
    expect(judge(new Map([[url, refused]]))).toMatchObject({ status: 'down', reason: 'connection refused' });
    expect(judge(new Map([[url, pinged]]))).toMatchObject({ status: 'healthy' });
    expect(judge(new Map([['http', pinged]]))).toMatchObject({ status: 'unconfigured' });
  });

  test('nothing is healthy without evidence', () => {
    const service = (conditions: ServiceDefinition['conditions']): ServiceDefinition => ({
      id: 'own',
      name: 'Own',
      healthyWhen: '',
      conditions,
    });
    const optional = service([{ type: 'probe', probe: 'http', setting: 'probeHttpUrl', isOptional: true }]);
    const notRed = service([{ type: 'threshold', threshold: 'API_ERROR_RATE' }]);
    for (const each of [optional, notRed]) {
      expect(judged(each, situation())).toMatchObject({ status: 'unknown', isHeard: false });
    }
    const rate = (numerator: number): Situation => ({ ...situation(), errors: { numerator, denominator: 100 } });
    expect(judged(notRed, rate(0))).toMatchObject({ status: 'healthy', reason: 'API error rate (5xx) is not red' });
    expect(judged(notRed, rate(6))).toMatchObject({
      status: 'degraded',
      reason: 'API error rate (5xx), all services: above 5 %',
    });
  });
});
