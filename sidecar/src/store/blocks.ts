import { booleanArray, numberArray, textArray } from '@command-center/drizzle/arrays';
import type { TransactionSql } from 'postgres';
import { blobOf } from './blob.ts';
import { BlockConflict, type Reader } from './transaction.ts';

/** A row of telemetry_stream_state. `version` 0 = not in the database yet. */
export interface BlockRow {
  /** 32 hex digits. */
  readonly owner: string;
  readonly depth: number;
  readonly prefix: number;
  readonly isSplit: boolean;
  readonly version: number;
  /** Nanoseconds since the epoch. */
  readonly firstTime: bigint;
  readonly state: Uint8Array;
}

/** All blocks of the given owners. With `isLocking` they stay locked until the transaction ends, taken in key order. */
export async function readBlocks(db: Reader, owners: readonly string[], isLocking: boolean): Promise<BlockRow[]> {
  if (owners.length === 0) return [];
  const rows = await db<
    {
      owner: string;
      depth: number;
      prefix: number;
      is_split: boolean;
      version: number;
      first_time: string;
      state: Uint8Array;
    }[]
  >`
    /* read-blocks */
    SELECT replace(owner::text, '-', '') AS owner, depth, prefix, is_split, version, first_time, state
    FROM telemetry_stream_state
    WHERE owner = ANY (${textArray(owners)}::uuid[])
    ORDER BY telemetry_stream_state.owner, depth, prefix
    ${isLocking ? db`FOR UPDATE` : db``}`;
  return rows.map((row) => ({
    owner: row.owner,
    depth: row.depth,
    prefix: row.prefix,
    isSplit: row.is_split,
    version: row.version,
    firstTime: BigInt(row.first_time),
    state: row.state,
  }));
}

/**
 * Writes changed blocks, each only if it still has the version it was read with; `row.version` is that version, the stored one is one higher.
 * @throws BlockConflict when any block has moved on.
 */
export async function writeBlocks(tx: TransactionSql, rows: readonly BlockRow[]): Promise<void> {
  const ordered = [...rows].sort(byKey);
  const added = ordered.filter((row) => row.version === 0);
  const changed = ordered.filter((row) => row.version > 0);
  const [inserted, updated] = await Promise.all([
    added.length === 0 ? { count: 0 } : insertBlocks(tx, added),
    changed.length === 0 ? { count: 0 } : updateBlocks(tx, changed),
  ]);
  if (inserted.count !== added.length || updated.count !== changed.length) throw new BlockConflict();
}

function insertBlocks(tx: TransactionSql, rows: readonly BlockRow[]) {
  const states = blobOf(rows.map((row) => row.state));
  return tx`
    /* insert-blocks */
    WITH r AS (
      SELECT * FROM unnest(${textArray(rows.map((row) => row.owner))}::uuid[], ${numberArray(rows.map((row) => row.depth))}::smallint[],
        ${numberArray(rows.map((row) => row.prefix))}::integer[], ${booleanArray(rows.map((row) => row.isSplit))}::boolean[],
        ${numberArray(rows.map((row) => row.firstTime))}::bigint[], ${states.at}::integer[], ${states.length}::integer[])
        AS r(owner, depth, prefix, is_split, first_time, at, length))
    INSERT INTO telemetry_stream_state (owner, depth, prefix, is_split, version, first_time, last_seen, state)
    SELECT owner, depth, prefix, is_split, 1, first_time, now(), substring((SELECT decode(${states.base64}, 'base64')) FROM at FOR length)
    FROM r
    ON CONFLICT (owner, depth, prefix) DO NOTHING`;
}

function updateBlocks(tx: TransactionSql, rows: readonly BlockRow[]) {
  const states = blobOf(rows.map((row) => row.state));
  return tx`
    /* update-blocks */
    WITH r AS (
      SELECT * FROM unnest(${textArray(rows.map((row) => row.owner))}::uuid[], ${numberArray(rows.map((row) => row.depth))}::smallint[],
        ${numberArray(rows.map((row) => row.prefix))}::integer[], ${booleanArray(rows.map((row) => row.isSplit))}::boolean[],
        ${numberArray(rows.map((row) => row.version))}::integer[], ${numberArray(rows.map((row) => row.firstTime))}::bigint[],
        ${states.at}::integer[], ${states.length}::integer[])
        AS r(owner, depth, prefix, is_split, version, first_time, at, length))
    UPDATE telemetry_stream_state AS s
    SET is_split = r.is_split, version = s.version + 1, first_time = r.first_time, last_seen = now(),
      state = substring((SELECT decode(${states.base64}, 'base64')) FROM r.at FOR r.length)
    FROM r
    WHERE s.owner = r.owner AND s.depth = r.depth AND s.prefix = r.prefix AND s.version = r.version`;
}

function byKey(a: BlockRow, b: BlockRow): number {
  if (a.owner !== b.owner) return a.owner < b.owner ? -1 : 1;
  return a.depth - b.depth || a.prefix - b.prefix;
}
