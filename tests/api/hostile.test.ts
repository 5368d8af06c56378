import { problem } from '@command-center/contract/api/primitives';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { seedDays, seedSeries } from './seed.ts';
import { adminToken, openStage, origin, type Stage } from './stage.ts';

const now = Date.parse('2026-03-10T12:30:30Z');
const rounds = 40;

/** What breaks out of quotes, comments, arrays, JSON, patterns, paths and numbers elsewhere. */
const attacks = [
  "'; DROP TABLE telemetry_log_events; --",
  "' OR '1'='1",
  "' UNION SELECT actor, filters::text FROM admin_audit_log --",
  '"; SELECT pg_sleep(30); --',
  '$1',
  '$$; SELECT 1; $$',
  "\\'; SELECT 1; --",
  '{1,2,NULL}',
  '{"a":{"$ne":null}}',
  '%_\\%',
  '((((((((((a+)+)+)+)+)+)+)+)+)+$',
  '../../../etc/passwd',
  '%2e%2e%2f',
  '%',
  '%zz',
  '%00',
  '\u0000',
  '\ud800',
  '\u202e\u0000\ufeff',
  '<script>alert(1)</script>',
  'constructor',
  '__proto__',
  'NaN',
  'Infinity',
  '-0',
  '1e309',
  '9007199254740993',
  '99999999999999999999999999999999',
  '0x10',
  '2026-02-30T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '-271821-04-20T00:00:00Z',
  'infinity',
  'now()',
  '1h; SET ROLE postgres',
  'x'.repeat(5_000),
  '💥'.repeat(500),
  '',
  ' ',
  '\r\nSet-Cookie: a=b',
];
const hostile = fc.oneof(
  fc.constantFrom(...attacks),
  fc.tuple(fc.string({ unit: 'grapheme' }), fc.constantFrom(...attacks)).map(([before, attack]) => before + attack),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

const described = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        parameters: z
          .array(z.object({ name: z.string(), in: z.string(), required: z.boolean().default(false) }))
          .default([]),
        requestBody: z.unknown().optional(),
      }),
    ),
  ),
});

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly string[];
  readonly required: readonly string[];
}

let stage: Stage;
let operations: readonly Operation[];
beforeAll(async () => {
  stage = await openStage(now);
  await seedDays(stage.sql, now - 86_400_000, now);
  await seedSeries(stage.sql, 'kaiku_http_requests_total', { 'service.name': 'orders' });
  const document = described.parse(await (await stage.call('/openapi.json')).json());
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters }]) => ({
      method: method.toUpperCase(),
      path,
      parameters: parameters.map(({ name }) => name),
      required: parameters.filter(({ required }) => required).map(({ name }) => name),
    })),
  );
});
afterAll(() => stage.close());

/** An answer that a caller can use: never a defect of ours, and a refusal names what and why. */
async function usable(answer: Response, request: string): Promise<void> {
  expect(answer.status, request).toBeLessThan(500);
  if (answer.status < 400) {
    await answer.body?.cancel();
    return;
  }
  expect(answer.headers.get('content-type'), request).toBe('application/problem+json');
  expect(problem.parse(await answer.json()).detail, request).not.toBe('');
}

/** Nothing was changed and nothing was read that is not ours to answer: the tables are there, and no statement failed in the database. */
async function unharmed(): Promise<void> {
  const [row] =
    await stage.sql`SELECT to_regclass('telemetry_log_events') IS NOT NULL AS logs, current_user = session_user AS own_role`;
  expect(row).toEqual({ logs: true, own_role: true });
  expect(stage.logged.filter(({ level }) => level === 'error')).toEqual([]);
}

function queryOf(entries: readonly (readonly [string, string])[]): string {
  // A lone surrogate cannot be sent; what arrives for it is U+FFFD.
  return entries
    .map(([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`)
    .join('&');
}

describe('hostile input is answered, never a defect', () => {
  test('every parameter of every endpoint, with any text', async () => {
    const asked = operations.filter(({ parameters }) => parameters.length > 0);
    expect(asked.length).toBeGreaterThan(3);
    for (const { method, path, parameters, required } of asked) {
      for (const parameter of parameters) {
        await fc.assert(
          fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 3 }), async (values) => {
            const others = required.filter((name) => name !== parameter);
            const query = queryOf([
              ...others.map((name) => [name, 'kaiku_http_requests_total'] as const),
              ...values.map((value) => [parameter, value] as const),
            ]);
            const headers = { Origin: origin };
            await usable(await stage.ask(`${path}?${query}`, { method, headers }), `${method} ${path}?${query}`);
          }),
          { numRuns: rounds, examples: attacks.map((attack) => [[attack]]) },
        );
      }
    }
    await unharmed();
  }, 300_000);

  test('any names of parameters, raw queries and paths', async () => {
    const raw = fc.string({ unit: fc.constantFrom(...'abz09%=&?;+[]#/.\\"\'<>{}|~-_'), maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...operations), raw, hostile, async ({ method, path }, text, name) => {
        const headers = { Origin: origin };
        for (const target of [
          `${path}?${text}`,
          `${path}?${queryOf([[name, 'x']])}`,
          `${path}/${encodeURIComponent(name.toWellFormed())}`,
        ]) {
          await usable(await stage.ask(target, { method, headers }), `${method} ${target}`);
        }
      }),
      { numRuns: 300 },
    );
    await unharmed();
  }, 120_000);

  test('any credentials', async () => {
    const header = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      maxLength: 300,
    });
    const path = operations.find(({ path: one }) => one.endsWith('/summary'))?.path ?? '';
    await fc.assert(
      fc.asyncProperty(header, fc.constantFrom('', 'Bearer ', 'Basic ', 'bearer  ', 'DPoP '), async (value, scheme) => {
        fc.pre(`${scheme}${value}`.trim().replace(/^bearer +/i, '') !== adminToken);
        for (const headers of [
          { Authorization: `${scheme}${value}` },
          { Cookie: `command_center_session=${value}` },
          { Cookie: value },
        ]) {
          const answer = await stage.call(path, { headers });
          expect(answer.status).toBe(401);
          await usable(answer, JSON.stringify(headers));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('any body of a POST', async () => {
    const bodies = fc.oneof(
      hostile,
      fc.json(),
      fc.json().map((token) => `{"token":${token}}`),
      fc.constantFrom(
        `{"token":"${'x'.repeat(1_000_000)}"}`,
        '['.repeat(3_000),
        '{"__proto__":{"token":"x"}}',
        '{"token":"x","token":1}',
      ),
    );
    const types = fc.constantFrom(
      'application/json',
      'application/json; charset=utf-16',
      'text/plain',
      'multipart/form-data',
      'application/x-www-form-urlencoded',
      '',
      'x',
    );
    const posts = operations.filter(({ method }) => method === 'POST');
    expect(posts.length).toBeGreaterThan(1);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...posts), bodies, types, async ({ path }, body, type) => {
        const headers = { Origin: origin, 'Content-Type': type };
        await usable(await stage.ask(path, { method: 'POST', headers, body: body.toWellFormed() }), `POST ${path}`);
      }),
      { numRuns: 200 },
    );
    await unharmed();
  });
});
