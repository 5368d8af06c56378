import { connect } from '@command-center/drizzle/connect';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newHolder, takeLease } from './lease.ts';
import { rollUpDirty } from './rollUp.ts';
import { counterRow, hourMs, minuteMs, openTelemetry, type Telemetry } from './testing/telemetry.ts';
import { tidyPacked } from './tidy.ts';

let telemetry: Telemetry;
let holder: number;
beforeEach(async () => {
  telemetry = await openTelemetry();
  holder = await newHolder(telemetry.sql);
  await takeLease(telemetry.sql, holder);
});
afterEach(() => telemetry.close());

/** Days of samples, packed. */
async function packedDay(): Promise<string> {
  const day = (Math.floor(telemetry.nowMs / (24 * hourMs)) - 2) * 24 * hourMs;
  const ids = await Promise.all(
    Array.from({ length: 5 }, (_, index) =>
      telemetry.series('kaiku_http_requests_total', { 'service.name': `s${index}` }),
    ),
  );
  const rows = ids.flatMap((id) =>
    Array.from({ length: 1_440 }, (_, minute) => counterRow(id, day + minute * minuteMs, minute)),
  );
  await telemetry.write(1, ...rows);
  while ((await rollUpDirty(telemetry.sql, holder)).isMoreLeft);
  return `telemetry_metric_samples_${new Date(day).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

async function bytesOf(name: string): Promise<number> {
  const [row] = await telemetry.sql<{ bytes: number }[]>`
    SELECT pg_total_relation_size(${name}::text::regclass)::double precision AS bytes`;
  return row?.bytes ?? 0;
}

describe('the room of packed samples is given back (docs/adr/0010)', () => {
  test('a day that is packed takes next to nothing, and takes late rows again', async () => {
    const name = await packedDay();
    expect(await bytesOf(name)).toBeGreaterThan(500_000);
    expect(await tidyPacked(telemetry.sql, holder)).toBeGreaterThan(100_000);
    expect(await bytesOf(name)).toBeLessThan(20_000);
    await telemetry.sql`INSERT INTO telemetry_metric_samples (ts, series_id, writer) SELECT hour, 1, 9 FROM telemetry_metric_packed LIMIT 1`;
    expect(await tidyPacked(telemetry.sql, holder)).toBe(0);
    expect(await telemetry.sql`SELECT 1 FROM telemetry_metric_samples`).toHaveLength(1);
  });

  test('while an older snapshot may still see the samples, they stay', async () => {
    const { sql, url } = telemetry;
    const other = connect(url, { name: 'old-snapshot', max: 1 });
    const opened = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const reading = other.begin('isolation level repeatable read', async (tx) => {
      await tx`SELECT 1 FROM telemetry_metric_series`;
      opened.resolve();
      await done.promise;
      const [row] = await tx`SELECT (SELECT count(*) FROM telemetry_metric_samples)::integer AS samples,
        (SELECT count(*) FROM telemetry_metric_packed)::integer AS packed`;
      return row;
    });
    // Its snapshot is older than any row: it must see neither.
    await opened.promise;
    const name = await packedDay();
    expect(await tidyPacked(sql, holder)).toBe(0);
    expect(await bytesOf(name)).toBeGreaterThan(500_000);
    done.resolve();
    expect(await reading).toEqual({ samples: 0, packed: 0 });
    await other.end();
    expect(await tidyPacked(sql, holder)).toBeGreaterThan(100_000);
  });

  test('a partition that is being read stays until it is not, without ado', async () => {
    const { sql, url } = telemetry;
    const name = await packedDay();
    await sql`VACUUM ${sql(name)}`;
    const other = connect(url, { name: 'reader', max: 1 });
    const reading = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const reader = other.begin('read only', async (tx) => {
      await tx`SELECT count(*) FROM ${tx(name)}`;
      reading.resolve();
      await done.promise;
    });
    await reading.promise;
    expect(await tidyPacked(sql, holder)).toBe(0);
    done.resolve();
    await reader;
    await other.end();
    expect(await tidyPacked(sql, holder)).toBeGreaterThan(100_000);
  });
});
