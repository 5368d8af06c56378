import { setTimeout as delay } from 'node:timers/promises';
import { type Random, seededRandom } from '@command-center/infra/demo/random';
import { moveOldWindows } from '@command-center/sidecar/store/moveWindows';
import { emptyTables, planFailure, setClock } from './database/simulated.ts';
import type { Stage } from './database/stage.ts';
import { type Fleet, inject } from './inject.ts';
import { checkAlways, checkRolledUp } from './invariants/all.ts';
import { Ledger } from './ledger/ledger.ts';
import { readStored } from './ledger/stored.ts';
import { rollUpAll, startRollUps } from './rollUpAll.ts';
import type { Fault, Schedule } from './schedule.ts';
import { encodeRequest } from './senders/encode.ts';
import { LaneSender, type Request } from './senders/laneSender.ts';
import { makeLane } from './senders/lanes.ts';
import { type Answer, InProcessSidecar } from './sidecars/inProcess.ts';

/** Simulated milliseconds of a round. */
const ROUND_MS = 10_000;
/** Past the end of the hour under way, and the five minutes until it is rolled up. */
const HOUR_TO_SETTLE_MS = 66 * 60_000;
/** Far more than a lane of refused requests needs. */
const MAX_ROUNDS = 150;
/** From here on nothing goes wrong any more. */
const CALM_AFTER_ROUND = 14;
/** A sidecar may meet the error of a session that ended before, once a connection. */
const MAX_REFUSED_IN_CALM = 3;
const CHECK_EVERY_ROUNDS = 8;

export interface Told {
  readonly records: number;
  readonly rounds: number;
  readonly failedAttempts: number;
}

/** Plays a schedule on an emptied database. @throws Error with what was broken. */
export async function runSchedule(schedule: Schedule, stage: Stage): Promise<Told> {
  await planFailure(stage.sql, undefined);
  await emptyTables(stage.sql, schedule.isWithoutDays);
  await startRollUps(stage.sql, schedule.startMs);
  const play = new Play(schedule, stage);
  try {
    return await play.run();
  } finally {
    await play.end();
  }
}

class Play implements Fleet {
  readonly #schedule: Schedule;
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #ledger = new Ledger();
  readonly #places: (InProcessSidecar | undefined)[];
  readonly #offsetsMs: number[];
  readonly #owned = new Set<Promise<unknown>>();
  readonly #errors: unknown[] = [];
  #nowMs: number;
  #refusedInCalm = 0;

  constructor(schedule: Schedule, stage: Stage) {
    this.#schedule = schedule;
    this.#stage = stage;
    this.#random = seededRandom(schedule.seed + 1_000_003);
    this.#places = Array.from({ length: schedule.sidecars }, () => undefined);
    this.#offsetsMs = this.#places.map(() => 0);
    this.#nowMs = schedule.startMs;
  }

  async run(): Promise<Told> {
    const lanes = this.#schedule.lanes.map((plan, index) =>
      makeLane(plan, seededRandom(this.#schedule.seed * 31 + index)),
    );
    const senders = lanes.map((lane) => new LaneSender(lane, this.#random, this.#ledger));
    for (let round = 0; ; round += 1) {
      const requests = senders.flatMap((sender) => sender.next());
      if (requests.length === 0) {
        await this.#check(checkAlways);
        await this.settle();
        await this.passTime(HOUR_TO_SETTLE_MS);
        // An hour is not packed before the windows of writers that are gone were moved.
        await moveOldWindows(this.sql);
        await rollUpAll(this.sql);
        await this.#check(checkRolledUp);
        return { records: this.#ledger.acknowledgedCount, rounds: round, failedAttempts: this.#ledger.failedAttempts };
      }
      if (round > MAX_ROUNDS) throw new Error(`${requests.length} requests were still refused after ${round} rounds`);
      await this.#playRound(round, requests);
      if (round % CHECK_EVERY_ROUNDS === CHECK_EVERY_ROUNDS - 1) await this.#check(checkAlways);
    }
  }

  async #playRound(round: number, requests: readonly Request[]): Promise<void> {
    if (round === CALM_AFTER_ROUND) await this.#calmDown();
    const failedBefore = this.#ledger.failedAttempts;
    await this.passTime(ROUND_MS);
    await this.#fillPlaces();
    const faults = this.#schedule.faults.get(round) ?? [];
    for (const fault of faults) await inject(fault, this);
    const impatience = faults.find(
      (fault): fault is Extract<Fault, { type: 'impatience' }> => fault.type === 'impatience',
    );
    const answers = requests.map((request) => this.#attempt(request));
    if (impatience !== undefined) {
      await delay(impatience.afterMs);
      answers.push(...requests.map((request) => this.#attempt(request)));
    }
    await Promise.all(answers);
    if (round >= CALM_AFTER_ROUND) this.#refusedInCalm += this.#ledger.failedAttempts - failedBefore;
    if (this.#refusedInCalm > MAX_REFUSED_IN_CALM * this.#places.length)
      throw new Error(`${this.#refusedInCalm} requests were refused although nothing was wrong any more`);
    if (this.#errors.length > 0) throw this.#errors[0];
  }

  /** What was planned and has not come is called off, and what is under way is over. */
  async #calmDown(): Promise<void> {
    await planFailure(this.sql, undefined);
    for (const sidecar of this.#places) sidecar?.proxy.disarm();
    await this.settle();
  }

  async #attempt({ lane, items, isJson }: Request): Promise<void> {
    this.#ledger.attempt(lane, items);
    const answer = await this.#route(lane.service)?.send(lane.signal, encodeRequest(lane, items, isJson), isJson);
    const isAcknowledged: boolean = answer === ('acknowledged' satisfies Answer);
    if (isAcknowledged) this.#ledger.acknowledge(lane, items);
    else this.#ledger.fail();
  }

  #route(service: string): InProcessSidecar | undefined {
    const living = this.#places.filter((each) => each?.isAlive === true);
    const own = this.#schedule.lanes.findIndex((lane) => lane.service === service);
    const at = this.#schedule.routing === 'affine' ? own % living.length : this.#random.integer(0, living.length - 1);
    return living[at];
  }

  /** The dead are followed sooner or later; one lives always. */
  async #fillPlaces(): Promise<void> {
    for (const [place, sidecar] of this.#places.entries()) {
      if (sidecar?.isAlive === true) continue;
      const hasOthers = this.#places.some((other) => other?.isAlive === true);
      if (hasOthers && this.#random.chance(0.4)) continue;
      this.#places[place] = await InProcessSidecar.start({
        databaseUrl: this.#stage.url,
        nowMs: () => this.#nowMs + (this.#offsetsMs[place] ?? 0),
        log: () => undefined,
      });
    }
  }

  async #check(check: typeof checkAlways): Promise<void> {
    const { acknowledged } = this.#ledger;
    const stored = await readStored(this.sql);
    check({ acknowledged, stored, attempted: this.#ledger.attempted });
  }

  get sql(): Stage['sql'] {
    return this.#stage.sql;
  }

  sidecar(place: number): InProcessSidecar | undefined {
    const sidecar = this.#places[place];
    return sidecar?.isAlive === true ? sidecar : undefined;
  }

  kill(place: number): void {
    const sidecar = this.sidecar(place);
    if (sidecar !== undefined) this.own(sidecar.kill());
  }

  retire(place: number): void {
    const sidecar = this.sidecar(place);
    if (sidecar === undefined) return;
    // What it is handed from now on it sends away; its successor comes next round.
    this.own(sidecar.stop());
  }

  setOffset(place: number, byMs: number): void {
    this.#offsetsMs[place] = byMs;
  }

  async passTime(byMs: number): Promise<void> {
    this.#nowMs += byMs;
    await setClock(this.sql, this.#nowMs);
  }

  own(work: Promise<unknown>): void {
    const owned = work.catch((error: unknown) => this.#errors.push(error));
    this.#owned.add(owned);
    void owned.finally(() => this.#owned.delete(owned));
  }

  /** Everything that was left to itself is over: transactions of the dead, moves, stops. */
  async settle(): Promise<void> {
    while (this.#owned.size > 0) await Promise.all(this.#owned);
    await Promise.all(this.#places.map((sidecar) => sidecar?.proxy.settled()));
    if (this.#errors.length > 0) throw this.#errors[0];
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.#owned);
    await Promise.allSettled(this.#places.map((sidecar) => (sidecar?.isAlive === true ? sidecar.stop() : undefined)));
    await Promise.allSettled(this.#owned);
  }
}
