import { connect } from '@command-center/drizzle/connect';
import { freshDatabase } from '@command-center/drizzle/testing/database';
import { expect, it } from 'vitest';
import { blobOf } from './blob.ts';

it('byte strings of a batch travel as one blob and come out of it as they were', async () => {
  const database = await freshDatabase();
  const sql = connect(database.url, { name: 'blob-test', max: 1 });
  const { base64, at, length } = blobOf([
    new Uint8Array([0, 92, 34, 255]),
    null,
    new Uint8Array(),
    new Uint8Array([7]),
  ]);
  const rows = await sql<{ b: Buffer | null }[]>`
    SELECT substring((SELECT decode(${base64}, 'base64')) FROM at FOR length) AS b
    FROM unnest(${at}::integer[], ${length}::integer[]) AS u(at, length)`;
  expect(rows.map((row) => (row.b === null ? null : [...row.b]))).toEqual([[0, 92, 34, 255], null, [], [7]]);
  await sql.end();
  await database.drop();
});
