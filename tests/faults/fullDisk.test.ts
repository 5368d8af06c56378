import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '@command-center/infra/demo/random';
import postgres from 'postgres';
import { expect, it } from 'vitest';
import { startSidecar } from '../processes/sidecar.ts';
import { MortalPostgres } from './database/mortalPostgres.ts';
import { FaultProxy } from './database/proxy.ts';
import { mountSmallDisk } from './database/smallDisk.ts';
import { checkAtTheEnd } from './invariants/all.ts';
import { Ledger } from './ledger/ledger.ts';
import { readStored } from './ledger/stored.ts';
import { deliver } from './senders/deliver.ts';
import { type LaneKind, makeLane } from './senders/lanes.ts';

const SEED = 1;
const SIZE = { steps: 24, stepNs: 10_000_000_000n, routes: 2, exponentialBuckets: 40, eventsPerStep: 200 };
const KINDS: readonly LaneKind[] = ['cumulative', 'delta', 'logs', 'traces'];
const REFUSED_ATTEMPTS = 10;
const POLL_MS = 50;
const DEADLINE_MS = 60_000;

/** Design §5: "Postgres down, slow, restarted, full". */
it('nothing is lost or doubled by a disk that is full for a while, and the sidecar lives on', {
  timeout: 180_000,
}, async ({ skip }) => {
  const disk = await mountSmallDisk();
  if (disk === undefined) return skip('a small file system needs the right to mount one');
  const server = await MortalPostgres.start(disk.folder);
  const database = await server.newDatabase('full_disk');
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port: server.port });
  const url = new URL(database);
  url.port = String(proxy.port);
  const sidecar = await startSidecar(url.href);
  try {
    const endMs = Date.now();
    const lanes = KINDS.map((kind, index) =>
      makeLane(
        { kind, service: `${kind}-${index}`, arrival: 'inOrder', endMs, size: SIZE },
        seededRandom(SEED + index),
      ),
    );
    const records = lanes.flatMap(({ steps }) => steps.flat()).length;
    const ledger = new Ledger();
    const delivery = deliver(lanes, [sidecar.http], SEED, ledger);
    await delivery.untilAcknowledged(Math.floor(records / 5));
    disk.fill();
    const failedBefore = ledger.failedAttempts;
    const deadline = performance.now() + DEADLINE_MS;
    while (ledger.failedAttempts < failedBefore + REFUSED_ATTEMPTS && performance.now() < deadline)
      await delay(POLL_MS);
    expect(ledger.failedAttempts).toBeGreaterThanOrEqual(failedBefore + REFUSED_ATTEMPTS);
    expect(ledger.acknowledgedCount).toBeLessThan(records);
    disk.free();
    await server.recover();
    proxy.retarget({ host: '127.0.0.1', port: server.port });
    await delivery.finished;
    expect(sidecar.isAlive()).toBe(true);
    const sql = postgres(server.urlOf('full_disk'), { max: 1, onnotice: () => undefined });
    const stored = await readStored(sql);
    await sql.end();
    checkAtTheEnd({ acknowledged: ledger.acknowledged, attempted: ledger.attempted, stored });
    process.stdout.write(`full disk: ${records} records, ${ledger.failedAttempts} attempts tried again\n`);
  } finally {
    await sidecar.stop();
    await proxy.close();
    await server.stop();
    await disk.unmount();
  }
});
