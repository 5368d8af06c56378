import { createLoginLink } from '@command-center/api/auth/loginLink';
import { summary } from '@command-center/contract/api/summary';
import { defaultContract } from '@command-center/contract/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { base, openStage, origin, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
let stage: Stage;
beforeEach(async () => {
  stage = await openStage(now);
});
afterEach(() => stage.close());

/** Rows without their minute, so that a test that runs over its edge reads the same. */
async function auditRows() {
  return stage.sql`
    SELECT actor, action, endpoint, filters, status, sum(count)::integer AS count, bool_and(ts = date_trunc('minute', ts)) AS is_minute
    FROM admin_audit_log GROUP BY 1, 2, 3, 4, 5 ORDER BY endpoint, status, filters::text`;
}

describe('every view is recorded (interfaces.md §2)', () => {
  test('one row a minute and all but the count', async () => {
    for (let n = 0; n < 3; n++) await stage.ask(`${base}/logs?level=ERROR&limit=5`);
    await stage.ask(`${base}/logs?level=WARN`);
    await stage.ask(`${base}/summary`, { method: 'HEAD' });
    expect(await auditRows()).toMatchObject([
      {
        actor: 'admin-token',
        action: 'admin.observability.view',
        endpoint: `${base}/logs`,
        filters: { level: 'ERROR', limit: '5' },
        status: 200,
        count: 3,
      },
      { filters: { level: 'WARN', limit: '50' }, count: 1 },
      { endpoint: `${base}/summary`, filters: {}, status: 200, count: 1, is_minute: true },
    ]);
    const [{ rows } = { rows: 0 }] = await stage.sql`SELECT count(*)::integer AS rows FROM admin_audit_log`;
    expect(rows).toBeLessThanOrEqual(6);
  });

  test('many at once are all counted, also by two processes', async () => {
    const other = await openStage(now, {}, defaultContract, stage.databaseUrl);
    try {
      const views = ['logs?level=ERROR', 'logs?level=WARN', 'config'].flatMap((view) => Array<string>(20).fill(view));
      const answers = await Promise.all(
        views.flatMap((view) => [stage.ask(`${base}/${view}`), other.ask(`${base}/${view}`)]),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(120).fill(200));
      expect(await auditRows()).toMatchObject([
        { endpoint: `${base}/config`, count: 40 },
        { filters: { level: 'ERROR' }, count: 40 },
        { filters: { level: 'WARN' }, count: 40 },
      ]);
      expect([...stage.logged, ...other.logged]).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('never the search text', async () => {
    await stage.ask(`${base}/logs?search=jane.doe@example.com`);
    const rows = await stage.sql`SELECT * FROM admin_audit_log`;
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('jane');
  });

  test('refused and missing views too, without what was refused', async () => {
    await stage.ask(`${base}/logs?level=jane.doe@example.com`);
    for (const name of ['nothing', 'jane.doe@example.com', '%00', 'x'.repeat(5_000)])
      await stage.ask(`${base}/${name}`);
    expect(await auditRows()).toMatchObject([
      { endpoint: `${base}/*`, status: 404, filters: {}, count: 4 },
      { endpoint: `${base}/logs`, status: 400, filters: {} },
    ]);
    expect(stage.logged).toEqual([]);
  });

  test('a request from a foreign page, which was refused', async () => {
    const link = new URL(await createLoginLink(stage.sql, origin));
    const token = new URLSearchParams(link.hash.slice(1)).get('token');
    const headers = { 'Content-Type': 'application/json', Origin: origin };
    const login = await stage.call('/login', { method: 'POST', headers, body: JSON.stringify({ token }) });
    const Cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
    const foreign = { Cookie, Origin: 'https://evil.test' };
    expect((await stage.call(`${base}/config`, { method: 'POST', headers: foreign })).status).toBe(403);
    expect(await auditRows()).toMatchObject([{ actor: 'login-link', endpoint: `${base}/config`, status: 403 }]);
  });

  test('long filters do not break the row', async () => {
    const where = ['http.route', 'http.request.method', 'service.name', 'deployment.environment.name'].map(
      (key, n) => `where=${key}:${encodeURIComponent('ü'.repeat(170) + n)}`,
    );
    await stage.read(`${base}/trends?metric=kaiku_http_requests_total&${where.join('&')}`);
    expect(await auditRows()).toHaveLength(1);
    expect(stage.logged).toEqual([]);
  });

  test('a session is recorded under its subject, a stranger not at all', async () => {
    const link = new URL(await createLoginLink(stage.sql, origin));
    const token = new URLSearchParams(link.hash.slice(1)).get('token');
    const headers = { 'Content-Type': 'application/json', Origin: origin };
    const login = await stage.call('/login', { method: 'POST', headers, body: JSON.stringify({ token }) });
    await stage.call(`${base}/config`, { headers: { Cookie: login.headers.get('set-cookie')?.split(';')[0] ?? '' } });
    await stage.call(`${base}/config`);
    expect(await auditRows()).toMatchObject([
      { actor: 'login-link', endpoint: `${base}/config`, status: 200, count: 1 },
    ]);
  });
});

describe('an audit row that cannot be written', () => {
  test('does not fail the view, is counted and shown', async () => {
    await stage.sql`ALTER TABLE admin_audit_log RENAME TO admin_audit_log_away`;
    expect((await stage.ask(`${base}/config`)).status).toBe(200);
    const body = summary.parse(await stage.read(`${base}/summary`));
    expect(body.audit_failures).toBe(1);
    expect(stage.logged.map(({ event }) => event)).toEqual(['audit_write_failed', 'audit_write_failed']);
  });
});
