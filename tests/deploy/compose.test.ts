import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { settingRows } from '@command-center/contract/settings/settings';
import { nodeFlags } from '@command-center/sidecar/nodeFlags';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { missing } from '../collector/programs.ts';
import { type Encoding, encodings, openClient } from '../e2e/client.ts';
import { startProvider, type TestProvider } from '../oidc/provider.ts';
import { api, eventually } from '../processes/api.ts';
import { readCompose } from './compose.ts';
import { buildImage, type Image, parseContainerfile, root } from './containerfile.ts';
import { type Running, up } from './run.ts';

const noCollector = missing('otelcol');
const OTLP_TOKEN = 'nP4vX9cQ2mZk7RtW';
const DATABASE_PASSWORD = 'kd83JSn2%/1:x@Lq';
/** Bytes of the last stage, Node apart: what there is (8 MB) and a half more. */
const IMAGE_LIMIT = 12_000_000;

const needed = {
  DATABASE_PASSWORD,
  OTLP_TOKEN,
  OIDC_ISSUER: 'https://id.acme.dev',
  OIDC_AUDIENCE: 'command-center',
  OIDC_ADMIN_VALUE: 'system-admin',
  SESSION_SECRET: 'V7mQz2Lr8Xc4Tn6Kw9Pb3Hs5Jd1Gf0Ya',
};

describe('the compose file', () => {
  it.each(Object.keys(needed))('does not start without %s, and says what it is', (name) => {
    expect(() => readCompose({ ...needed, [name]: '' })).toThrow(
      new RegExp(`required variable ${name} is missing a value: .{10,}`),
    );
  });

  it('asks for what its example lists, and for nothing else', () => {
    const text = readFileSync(join(root, 'infra/containers/compose.yaml'), 'utf8');
    const asked = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
    const example = readFileSync(join(root, 'infra/containers/env.example'), 'utf8');
    expect([...example.matchAll(/^(\w+)=/gm)].map(([, name]) => name).sort()).toEqual([...asked].sort());
  });

  it('names settings that exist, publishes on loopback alone, and runs ours as nobody who may write nothing', () => {
    const { services } = readCompose(needed);
    const known = new Set(settingRows.map(({ name }) => name));
    const given = Object.values(services).flatMap(({ environment }) => Object.keys(environment));
    expect(given.filter((name) => name.startsWith('COMMAND_CENTER_') && !known.has(name))).toEqual([]);
    expect(services.postgres).toMatchObject({ ports: [], cap_drop: ['ALL'] });
    for (const name of ['migrate', 'sidecar', 'api', 'collector'])
      expect(services[name]).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    // Two that build one tag at once may fail with "already exists" (BuildKit with containerd's store).
    expect(Object.values(services).filter(({ build }) => build !== undefined)).toHaveLength(1);
    for (const { image } of Object.values(services)) expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-\w+)?$/);
  });
});

describe('the image, built and started without a container as its file and the compose file say', {
  retry: 0,
  timeout: 300_000,
}, () => {
  let folder: string;
  let image: Image;
  let provider: TestProvider;
  let running: Running | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'command-center-image-'));
    image = buildImage('infra/containers/Containerfile', folder);
    provider = await startProvider();
    const {
      COMMAND_CENTER_OIDC_ISSUER = '',
      COMMAND_CENTER_OIDC_AUDIENCE = '',
      COMMAND_CENTER_OIDC_ADMIN_VALUE = '',
      COMMAND_CENTER_OIDC_ADMIN_CLAIM = '',
    } = provider.environment;
    const compose = readCompose({
      ...needed,
      OIDC_ISSUER: COMMAND_CENTER_OIDC_ISSUER,
      OIDC_AUDIENCE: COMMAND_CENTER_OIDC_AUDIENCE,
      OIDC_ADMIN_VALUE: COMMAND_CENTER_OIDC_ADMIN_VALUE,
      OIDC_ADMIN_CLAIM: COMMAND_CENTER_OIDC_ADMIN_CLAIM,
    });
    const without = noCollector === undefined ? [] : ['collector'];
    running = await up({ compose, image, databasePassword: DATABASE_PASSWORD, without });
  }, 300_000);
  afterAll(async () => {
    await running?.down();
    await provider?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const system = (): Running => {
    if (running === undefined) throw new Error('it is not up');
    return running;
  };
  /** The collector's doors, or the sidecar's where no collector can be run. */
  const doors = () => {
    const service = noCollector === undefined ? 'collector' : 'sidecar';
    return { grpc: new URL(system().at(service, 4317)).host, http: system().at(service, 4318) };
  };

  it('holds the program and nothing of its making, and runs as nobody', async () => {
    const files = await readdir(image.folder, { recursive: true, withFileTypes: true });
    const names = files.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'sidecar.mjs',
        'api.mjs',
        'migrate.mjs',
        'index.html',
        'healthy.mjs',
        'rds.pem',
        'sbom.cdx.json',
      ]),
    );
    expect(names.filter((name) => name === 'node_modules' || name.endsWith('.ts') || name === '.env')).toEqual([]);
    const bytes = files
      .filter((file) => file.isFile() && !file.name.endsWith('.map'))
      .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
    process.stdout.write(`image: ${bytes} B beside Node\n`);
    expect(bytes).toBeLessThan(IMAGE_LIMIT);
    expect(image.user).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
    expect(image.base).toMatch(/^node:\d+\.\d+\.\d+-/);
    expect(image.command).toEqual(['node', ...nodeFlags, 'sidecar.mjs']);
    const ours = parseContainerfile(readFileSync(join(root, 'infra/containers/Containerfile'), 'utf8')).filter(
      ({ name }) => name === 'ARG' || name === 'ENV',
    );
    expect(JSON.stringify(ours)).not.toMatch(/token|secret|password/i);
  });

  it('is healthy by the checks of the file', () => {
    for (const name of ['sidecar', 'api']) expect(() => system().isHealthy(name)).not.toThrow();
  });

  it.each(encodings)(
    'stores metrics, logs and traces that come over $name with the token, and shows them to an admin of the provider',
    async (encoding: Encoding) => {
      const service = `composed-${encoding.name.toLowerCase().replace('/', '-')}`;
      process.env.OTEL_EXPORTER_OTLP_HEADERS = `authorization=Bearer ${OTLP_TOKEN}`;
      const client = openClient(encoding, doors(), service);
      delete process.env.OTEL_EXPORTER_OTLP_HEADERS;
      client.logger.emit({ severityNumber: 17, body: `sent over ${encoding.name}` });
      client.logger.emit({ severityNumber: 9, body: 'all is well' });
      const route = { 'http.request.method': 'GET', 'http.route': '/api/v1/guilds/{id}' };
      client.meter.createCounter('kaiku_http_requests_total', { unit: '{request}' }).add(41, route);
      const span = client.tracer.startSpan('GET /api/v1/guilds/{id}', { kind: SpanKind.SERVER, attributes: route });
      span.setStatus({ code: SpanStatusCode.ERROR }).end();
      // A start equal to the time of its point says nothing of what came before it (otlp-conformance item 10).
      await delay(2);
      await client.close();
      const console = system().at('api', 4319);
      const asked = api(console, await provider.accessToken('automation'));
      const { items } = await eventually(
        () => asked.logs({ service }),
        (answer) => answer.items.length > 0,
      );
      expect(items.map(({ message, level }) => [level, message])).toEqual([['ERROR', `sent over ${encoding.name}`]]);
      const where = `service.name:${service}`;
      const { series } = await asked.trends({ metric: 'kaiku_http_requests_total', where, range: '1h' });
      const points = series.flatMap((each) => each.points);
      expect(points.reduce((sum, point) => sum + (point.sum ?? 0), 0)).toBe(41);
      const traces = await asked.traces({ status: 'error' });
      const own = traces.items.filter((item) => item.service === service);
      expect(own.map(({ route: found }) => found)).toEqual(['/api/v1/guilds/{id}']);
    },
  );

  it('refuses a sender without the token, and a script without the role', async () => {
    const headers = { 'content-type': 'application/json' };
    for (const authorization of [undefined, 'Bearer nP4vX9cQ2mZk7RtX']) {
      const shown = authorization === undefined ? {} : { authorization };
      const answer = await fetch(`${doors().http}/v1/logs`, {
        method: 'POST',
        headers: { ...headers, ...shown },
        body: '{}',
      });
      expect(answer.status).toBe(401);
    }
    const view = `${system().at('api', 4319)}/api/admin/observability/summary`;
    expect((await fetch(view)).status).toBe(401);
    const reporting = { authorization: `Bearer ${await provider.accessToken('reporting')}` };
    expect((await fetch(view, { headers: reporting })).status).toBe(403);
  });

  it('is one origin: the console, the API and the live socket are at the address of the API', async () => {
    const origin = system().at('api', 4319);
    expect(await (await fetch(`${origin}/command-center`)).text()).toMatch(/<!doctype html>/);
    const authorization = `Bearer ${await provider.accessToken('automation')}`;
    const base = `${origin}/api/admin/observability`;
    const ticket = await (
      await fetch(`${base}/live/ticket`, { method: 'POST', headers: { authorization, origin } })
    ).json();
    const socket = new WebSocket(`${base.replace('http', 'ws')}/live`, { origin });
    const first = new Promise<string>((resolve, reject) => {
      socket.once('open', () =>
        socket.send(JSON.stringify({ type: 'subscribe', ticket: Object(ticket).ticket, topics: ['overview'] })),
      );
      socket.once('message', (data) => resolve(String(data)));
      socket.once('error', reject);
    });
    expect(JSON.parse(await first)).toMatchObject({ type: 'admin.observability.snapshot' });
    socket.terminate();
  });

  it('shows the collector that stands before it, by its own metrics', async ({ skip }) => {
    if (noCollector !== undefined) skip(noCollector);
    const asked = api(system().at('api', 4319), await provider.accessToken('automation'));
    const sent = () => asked.trends({ metric: 'otelcol_exporter_sent_log_records', range: '1h' });
    const { series } = await eventually(
      sent,
      (answer) => answer.series.some(({ points }) => points.some((point) => (point.sum ?? 0) > 0)),
      60_000,
    );
    expect(series.length).toBeGreaterThan(0);
  });

  it('ends in the other order with what it accepted committed', async () => {
    const sql = postgres(system().databaseUrl, { max: 1, onnotice: () => undefined });
    const [row] = await sql`SELECT count(*)::integer AS count FROM telemetry_log_events`;
    await sql.end();
    expect(row?.count).toBeGreaterThanOrEqual(3);
    const codes = await system().down();
    running = undefined;
    expect(codes).toEqual({ sidecar: 0, api: 0, ...(noCollector === undefined ? { collector: 0 } : {}) });
  });
});
