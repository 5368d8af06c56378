import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '@command-center/infra/demo/random';
import postgres, { type Sql } from 'postgres';
import { type SidecarProcess, samePorts, startSidecar } from '../processes/sidecar.ts';
import type { MortalPostgres } from './database/mortalPostgres.ts';
import { FaultProxy } from './database/proxy.ts';
import { checkAlways, checkAtTheEnd } from './invariants/all.ts';
import { Ledger } from './ledger/ledger.ts';
import { readStored } from './ledger/stored.ts';
import type { Blow, ProcessSchedule } from './processSchedule.ts';
import type { Told } from './runSchedule.ts';
import { deliver } from './senders/deliver.ts';
import { makeLane } from './senders/lanes.ts';

/** A real sidecar, and its way to Postgres. */
interface Place {
  process: SidecarProcess;
  readonly proxy: FaultProxy;
  readonly databaseUrl: string;
}

/** Plays a schedule with sidecars as processes and a Postgres that crashes. @throws Error with what was broken. */
export async function runProcesses(schedule: ProcessSchedule, server: MortalPostgres): Promise<Told> {
  const database = `schedule_${schedule.seed}`;
  await server.newDatabase(database);
  const play = new ProcessPlay(schedule, server, database);
  try {
    return await play.run();
  } finally {
    await play.end();
  }
}

class ProcessPlay {
  readonly #schedule: ProcessSchedule;
  readonly #server: MortalPostgres;
  readonly #database: string;
  readonly #ledger = new Ledger();
  readonly #places: Place[] = [];
  readonly #owned: Promise<void>[] = [];

  constructor(schedule: ProcessSchedule, server: MortalPostgres, database: string) {
    this.#schedule = schedule;
    this.#server = server;
    this.#database = database;
  }

  async run(): Promise<Told> {
    const { seed, sidecars, blows } = this.#schedule;
    const lanes = this.#schedule.lanes.map((plan, index) => makeLane(plan, seededRandom(seed * 31 + index)));
    for (let index = 0; index < sidecars; index += 1) this.#places.push(await this.#newPlace());
    const [first, ...others] = this.#places.map(({ process }) => process.http);
    if (first === undefined) throw new Error('a schedule has a sidecar');
    const records = lanes.flatMap(({ steps }) => steps.flat()).length;
    const delivery = deliver(lanes, [first, ...others], seed, this.#ledger);
    for (const { at, blow } of blows) {
      await delivery.untilAcknowledged(Math.floor(records * at));
      await this.#strike(blow);
      await this.#check(checkAlways);
    }
    await delivery.finished;
    await Promise.all(this.#owned);
    await Promise.all(this.#places.map(({ proxy }) => proxy.settled()));
    await this.#check(checkAtTheEnd);
    for (const { process } of this.#places)
      if (!process.isAlive()) throw new Error(`a sidecar ended by itself: ${(await process.stop()).stderr}`);
    return { records, rounds: blows.length, failedAttempts: this.#ledger.failedAttempts };
  }

  async #newPlace(): Promise<Place> {
    const proxy = await FaultProxy.start({ host: '127.0.0.1', port: this.#server.port });
    const url = new URL(this.#server.urlOf(this.#database));
    url.port = String(proxy.port);
    return { proxy, databaseUrl: url.href, process: await startSidecar(url.href) };
  }

  /** Ends what is to end, and has everything running again. */
  async #strike(blow: Blow): Promise<void> {
    const place = 'sidecar' in blow ? this.#places[blow.sidecar] : undefined;
    switch (blow.type) {
      case 'killSidecar':
        await place?.process.kill9();
        break;
      case 'stopSidecar': {
        const ended = await place?.process.stop();
        if (ended?.code !== 0) throw new Error(`a sidecar did not end in order: ${JSON.stringify(ended)}`);
        break;
      }
      case 'killAll':
        await Promise.all([this.#crashPostgres(), ...this.#places.map(({ process }) => process.kill9())]);
        break;
      case 'crashPostgres':
        await this.#crashPostgres();
        break;
      case 'freezePostgres':
        this.#server.freeze();
        await delay(blow.forMs);
        this.#server.thaw();
        break;
      case 'refuse':
        place?.proxy.refuse(true);
        await delay(blow.forMs);
        place?.proxy.refuse(false);
        break;
      case 'cutCommit': {
        const sprung = Promise.withResolvers<void>();
        const { fate, holdMs, isKill } = blow;
        place?.proxy.set({ at: 'commit', nth: 1, fate, holdMs, onSprung: sprung.resolve });
        // The leader commits every few seconds, whatever the senders do.
        await sprung.promise;
        if (isKill) await place?.process.kill9();
        break;
      }
    }
    await this.#restartEnded(blow);
  }

  async #crashPostgres(): Promise<void> {
    await this.#server.crash();
    for (const { proxy } of this.#places) proxy.retarget({ host: '127.0.0.1', port: this.#server.port });
  }

  async #restartEnded(blow: Blow): Promise<void> {
    const isMeantToEnd = blow.type === 'killAll' || 'sidecar' in blow;
    for (const place of this.#places) {
      if (place.process.isAlive()) continue;
      if (!isMeantToEnd) throw new Error(`a sidecar ended by itself: ${(await place.process.stop()).stderr}`);
      place.process = await startSidecar(place.databaseUrl, samePorts(place.process));
    }
  }

  async #check(check: typeof checkAlways): Promise<void> {
    const sql: Sql = postgres(this.#server.urlOf(this.#database), { max: 1, onnotice: () => undefined });
    try {
      const { acknowledged } = this.#ledger;
      const stored = await readStored(sql);
      check({ acknowledged, stored, attempted: this.#ledger.attempted });
    } finally {
      await sql.end();
    }
  }

  async end(): Promise<void> {
    for (const { process, proxy } of this.#places) {
      await process.stop();
      await proxy.close();
    }
  }
}
