import type { Sql } from 'postgres';

/** Megabytes on disk by table, partitions, indexes and TOAST included; the ones that take any. */
export async function megabytesByTable(sql: Sql): Promise<Readonly<Record<string, number>>> {
  const rows = await sql<{ name: string; mb: number }[]>`
    SELECT coalesce(p.relname, c.relname) AS name, round(sum(pg_total_relation_size(c.oid)) / 1e6, 1)::double precision AS mb
    FROM pg_class AS c LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid LEFT JOIN pg_class AS p ON p.oid = i.inhparent
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname NOT LIKE 'bench%'
    GROUP BY 1 HAVING sum(pg_total_relation_size(c.oid)) > 100000 ORDER BY 2 DESC`;
  const all = rows.reduce((sum, row) => sum + row.mb, 0);
  return { ...Object.fromEntries(rows.map((row) => [row.name, row.mb])), all: Math.round(all) };
}

export interface KindBytes {
  /** Without the minutes' sketches. */
  readonly packed: number;
  /** With them: the days that still have them. */
  readonly with_sketches: number;
  /** As closed minutes lie before they are packed, for comparison. */
  readonly plain: number;
}

/** Bytes a sample on disk with indexes, by kind, of one packed day that still has its sketches. */
export async function bytesByKind(sql: Sql): Promise<Readonly<Record<string, KindBytes>>> {
  const [day] = await sql<{ from: Date; to: Date }[]>`
    SELECT date_trunc('day', now(), 'UTC') - interval '1 day' AS from, date_trunc('day', now(), 'UTC') AS to`;
  if (day === undefined) throw new Error('no day');
  const found: Record<string, KindBytes> = {};
  let all = { packed: 0, sketches: 0, plain: 0, samples: 0 };
  for (const shape of ['counter', 'additive', 'gauge', 'explicit', 'exponential']) {
    const sizes = await sizesOf(sql, shape, day);
    found[shape] = each(sizes);
    all = {
      packed: all.packed + sizes.packed,
      sketches: all.sketches + sizes.sketches,
      plain: all.plain + sizes.plain,
      samples: all.samples + sizes.samples,
    };
  }
  return { ...found, all: each(all) };
}

interface Sizes {
  readonly packed: number;
  readonly sketches: number;
  readonly plain: number;
  readonly samples: number;
}

function each({ packed, sketches, plain, samples }: Sizes): KindBytes {
  const a = (bytes: number): number => Math.round((bytes / samples) * 10) / 10;
  return { packed: a(packed), with_sketches: a(packed + sketches), plain: a(plain) };
}

/** Rows of one kind in tables of their own, in the order in which they lie in the product's. */
async function sizesOf(sql: Sql, shape: string, day: { readonly from: Date; readonly to: Date }): Promise<Sizes> {
  const ids = sql`SELECT id FROM bench_series WHERE shape = ${shape}`;
  await sql.unsafe(`
    CREATE TABLE bench_packed (LIKE telemetry_metric_packed INCLUDING ALL);
    CREATE TABLE bench_sketches (LIKE telemetry_metric_sketches INCLUDING ALL);
    CREATE TABLE bench_plain (LIKE telemetry_metric_samples INCLUDING ALL)`);
  try {
    const within = sql`hour >= ${day.from} AND hour < ${day.to} AND series_id IN (${ids})`;
    await sql`INSERT INTO bench_packed SELECT * FROM telemetry_metric_packed WHERE ${within} ORDER BY hour, series_id`;
    await sql`INSERT INTO bench_sketches SELECT * FROM telemetry_metric_sketches WHERE ${within} ORDER BY hour, series_id`;
    const plain = await sql`
      INSERT INTO bench_plain (ts, series_id, writer, value_count, value_sum, value_min, value_max, value_last, value_last_ms, value_p50, value_p95, value_p99, sketch)
      SELECT m.ts, m.series_id, 1, value_count, value_sum, value_min, value_max, value_last, value_last_ms, value_p50, value_p95, value_p99, p.sketch
      FROM telemetry_minute_parts AS m LEFT JOIN bench_pool AS p ON p.shape = ${shape} AND p.i = extract(minute FROM m.ts)::integer
      WHERE m.ts >= ${day.from} AND m.ts < ${day.to} AND m.series_id IN (${ids}) ORDER BY m.ts, m.series_id`;
    const [sizes] = await sql<{ packed: number; sketches: number; plain: number }[]>`
      SELECT pg_total_relation_size('bench_packed')::double precision AS packed, pg_total_relation_size('bench_sketches')::double precision AS sketches,
        pg_total_relation_size('bench_plain')::double precision AS plain`;
    if (sizes === undefined) throw new Error('no sizes');
    return { ...sizes, samples: plain.count };
  } finally {
    await sql.unsafe('DROP TABLE bench_packed, bench_sketches, bench_plain');
  }
}
