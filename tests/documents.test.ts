import type { Finding } from '@command-center/infra/check/finding';
import { undocumentedEndpoints, unknownEndpoints } from '@command-center/infra/check/governance/endpoints';
import type { TextFile } from '@command-center/infra/check/governance/files';
import { unplannedFlags } from '@command-center/infra/check/governance/flags';
import { anchorsOf, deadLinks } from '@command-center/infra/check/governance/links';
import { undocumentedMetrics, unknownMetrics } from '@command-center/infra/check/governance/metricNames';
import { deadOffers, undocumentedVariables } from '@command-center/infra/check/governance/variables';
import { describe, expect, it } from 'vitest';

/** What the rules about names and links find in files that are made up. That they find nothing in the tree: house.test.ts. */

const file = (path: string, text: string): TextFile => ({ path, text });
const places = (findings: readonly Finding[]): string[] => findings.map(({ where }) => where);
const words = (findings: readonly Finding[]): string[] => findings.map(({ what }) => what);

describe('metrics are named as they are', () => {
  it.each([
    'kaiku_http_reqests_total',
    'http.server.request.durations',
    'db.client.connection.counts',
    'process.memory.usages',
    'otelcol_exporter_queue_sizes',
    'command_center_sidecar_redy',
    'command_center.sidecar.redy',
    'kaiku_htp_*',
  ])('%s is none', (name) => {
    expect(places(unknownMetrics([file('docs/x.md', `See \`${name}\`.`)]))).toEqual(['docs/x.md:1']);
  });

  it.each([
    'kaiku_http_requests_total',
    'http.server.request.duration',
    'otelcol_exporter_send_failed_spans',
    'otelcol_exporter_send_failed_*',
    'command_center_sidecar_batch_commit_duration_seconds_bucket',
    'command_center.sidecar.ready',
    'command_center_reader',
    'process.pid',
    'http.route',
    'process.env.TOKEN',
  ])('%s is one, or no metric at all', (name) => {
    expect(unknownMetrics([file('docs/x.md', `See \`${name}\`.`)])).toEqual([]);
  });

  it('a receiver may name what it leaves out', () => {
    const yaml = (is: boolean) => file('infra/collector/x.yaml', `process.cpu.time: { enabled: ${is} }`);
    expect(unknownMetrics([yaml(false)])).toEqual([]);
    expect(unknownMetrics([yaml(true)])).toHaveLength(1);
  });

  it('metrics that no page names', () => {
    expect(undocumentedMetrics('', '').length).toBeGreaterThan(50);
  });
});

describe('links lead somewhere', () => {
  const pages = [
    file('docs/a.md', '# One: two\n## One: two\n## `GET /x`\n```sh\n# not a heading\n[none](gone.md)\n```\n'),
    file('README.md', ''),
  ];
  const paths = ['docs', 'docs/a.md', 'README.md', 'docs/x.png', 'docs/adr', 'docs/adr/0001-why.md', 'docs/b.md'];
  const dead = (text: string, path = 'docs/b.md') => deadLinks([...pages, file(path, text)], [], paths);

  it('an anchor is made of its heading', () => {
    expect([...anchorsOf(pages[0]?.text ?? '')]).toEqual(['one-two', 'one-two-1', 'get-x']);
  });

  it.each([
    '[a](gone.md)',
    '[a](a.md#gone)',
    '[a](#gone)',
    '[`code`](gone.md)',
    '![a](gone.png)',
    '<img src="gone.png">',
    '[a]: gone.md',
    '[a](https://)',
    '[a](http://example.io/)',
    '[a](https://user@example.io/)',
    '<https://example.io/x.>',
  ])('not %s', (text) => {
    expect(places(dead(text))).toEqual(['docs/b.md:1']);
  });

  it.each([
    '[a](a.md) [b](a.md#one-two-1) [c](../README.md) ![d](x.png)',
    '# Here\n[a](#here)',
    '`[a](gone.md)`',
    '[a](https://example.io/x#y) and <http://127.0.0.1:4319>',
    '```\n[a](gone.md)\n```',
  ])('but %s', (text) => {
    expect(dead(text)).toEqual([]);
  });

  it('pages and decisions that code names', () => {
    const code = file('api/src/a.ts', '// docs/a.md#one-two docs/adr/0001\n// docs/gone.md\n// docs/adr/0002');
    expect(places(deadLinks(pages, [code], paths))).toEqual(['api/src/a.ts:2', 'api/src/a.ts:3']);
  });
});

describe('variables and flags are documented', () => {
  it.each([
    ['tests/a.ts', 'const moon = process.env.MOON;'],
    ['tests/a.ts', "const moon = process.env['MOON'];"],
    ['tests/a.ts', "seedsOf(process.env, 'MOON', 16);"],
    ['tests/a.ts', 'const { MOON = "" } = process.env;'],
    ['infra/collector/a.yaml', 'endpoint: $' + '{env:MOON:-127.0.0.1}'],
    ['infra/containers/compose.yaml', 'environment: { A: "$' + '{MOON:?set it}" }'],
    ['infra/containers/Containerfile', 'ENV MOON=full'],
    ['infra/x.sh', 'moon="$' + '{MOON:-full}"'],
  ])('one that %s reads: %s', (path, text) => {
    const mark = path.endsWith('.ts') ? '//' : '#';
    const undocumented = (files: readonly TextFile[], page = '') =>
      words(undocumentedVariables(files, [file('docs/x.md', page)], []));
    expect(undocumented([file(path, text)])).toHaveLength(1);
    expect(undocumented([file(path, `${mark} MOON: how full it is.\n${text}`)])).toEqual([]);
    expect(undocumented([file(path, text)], 'Set `MOON`.')).toEqual([]);
    expect(undocumented([file(path, text)], 'Set `MOONS`.')).toHaveLength(1);
  });

  it('a setting that its page leaves out', () => {
    const page = file('docs/configuration.md', '| `COMMAND_CENTER_PORT` |');
    expect(undocumentedVariables([], [page], ['COMMAND_CENTER_PORT'])).toEqual([]);
    expect(undocumentedVariables([], [page], ['COMMAND_CENTER_MOON'])).toHaveLength(1);
  });

  it('one that a configuration offers and does not read', () => {
    const head = '#   GATEWAY_MOON  how full it is [half]\n';
    expect(deadOffers([file('infra/collector/a.yaml', head)])).toHaveLength(1);
    expect(deadOffers([file('infra/collector/a.yaml', [head, 'a: $', '{env:GATEWAY_MOON}'].join(''))])).toEqual([]);
  });

  it('a flag without a plan, and a plan without a flag', () => {
    expect(unplannedFlags('COMMAND_CENTER_FEATURE_TIME_TRAVEL')).toHaveLength(5);
  });
});

describe('endpoints are documented, and no others', () => {
  it('one that docs/api.md leaves out', () => {
    const logs = [{ method: 'GET', path: '/logs' }];
    expect(undocumentedEndpoints('## `GET /logs`', logs, [])).toEqual([]);
    expect(undocumentedEndpoints('## `POST /logs`', logs, [])).toHaveLength(1);
    expect(undocumentedEndpoints('', [], ['grpc.health.v1.Health/Check'])).toHaveLength(1);
  });

  it.each([
    'GET /api/admin/observability/logz',
    'DELETE /api/admin/observability/logs',
    'curl "$api/api/v2/logs"',
    '`/logz`',
    '`/logz?level=ERROR`',
  ])('%s is none', (line) => {
    expect(places(unknownEndpoints([file('docs/x.md', line)]))).toEqual(['docs/x.md:1']);
  });

  it.each([
    'GET /api/admin/observability/logs?level=ERROR.',
    '`/logs` and `/trends?metric=x`',
    '`GET /readyz`, `POST /v1/logs`, HEAD /healthz',
    '`/api/admin/observability/*`',
    '`/var/lib/otelcol`, `/etc/command-center`, `/auth`',
  ])('%s is one, or no endpoint at all', (line) => {
    expect(unknownEndpoints([file('docs/x.md', line)])).toEqual([]);
  });
});
