import { once } from 'node:events';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { readSettings } from '@command-center/contract/settings/settings';
import { candidates, findDoor } from './door.ts';
import { type DemoFlags, parseFlags } from './flags.ts';
import { type History, openHistory } from './history.ts';
import { openLive } from './live.ts';
import { historyPhase, type Progress, progressOn } from './progress.ts';
import { seededRandom } from './random.ts';
import { emptyTally, listenForRefusals, type Tally } from './sender.ts';
import { services } from './services.ts';
import { crowdAt, intensityAt, phaseOf } from './story.ts';

/** `npm run demo`: a chat platform whose processes report over OTLP, through the door that everybody uses. */

const TICK_MS = 1_000;
/** SDKs default to a minute; somebody who watches a demo does not. */
const FLUSH_EVERY_TICKS = 5;
/** The SDK sends start = time for a stream born in the millisecond of its collection, which makes its first values a mere baseline. */
const BIRTH_MS = 2;

async function run(flags: DemoFlags, endpoint: string, stopped: AbortSignal): Promise<void> {
  const tally = emptyTally();
  listenForRefusals(tally);
  const progress = progressOn(process.stderr);
  const startedAt = performance.now();
  const elapsedS = (): number => (performance.now() - startedAt) / 1_000;
  const history = openHistory({ endpoint, tally, services, seed: flags.seed, stopped });
  const aborted = once(stopped, 'abort').then(() => undefined);
  const past = flags.historyS === 0 ? undefined : sendPast(history, flags.historyS, progress, tally);
  // Who ends the demo does not wait for answers about the past.
  const pastEndsMs = await Promise.race([past, aborted]);
  if (!stopped.aborted) await live({ flags, endpoint, stopped, tally, progress, elapsedS, history, pastEndsMs });
  progress.end(elapsedS(), tally);
  if (tally.failedExports > 0 && tally.points === 0) process.exitCode = 1;
  if (past !== undefined && pastEndsMs === undefined && stopped.aborted) process.exit();
}

/** Gives where the past ends and the present is to begin, epoch milliseconds. */
async function sendPast(
  history: History,
  seconds: number,
  progress: Progress,
  tally: Tally,
): Promise<number | undefined> {
  const startedAt = performance.now();
  const show = (part: number): void => {
    const elapsedS = (performance.now() - startedAt) / 1_000;
    progress.show(elapsedS, historyPhase(part, seconds, elapsedS, tally), tally);
  };
  show(0);
  return history.send(seconds, show);
}

interface Present {
  readonly flags: DemoFlags;
  readonly endpoint: string;
  readonly stopped: AbortSignal;
  readonly tally: Tally;
  readonly progress: Progress;
  readonly elapsedS: () => number;
  readonly history: History;
  readonly pastEndsMs: number | undefined;
}

async function live(present: Present): Promise<void> {
  const { flags, endpoint, stopped, tally, progress, history, pastEndsMs } = present;
  const lives = services.map((service, index) =>
    openLive(service, { endpoint, tally, random: seededRandom(flags.seed + index * 1_000) }),
  );
  const beganMs = Date.now();
  const startedAt = performance.now();
  let livedS = 0;
  for (let tick = 0; !stopped.aborted; tick += 1) {
    const nowS = (performance.now() - startedAt) / 1_000;
    const storyS = nowS * flags.speed;
    // The first moment has no earlier one, but for the rest of the minute that the past left.
    const firstS = pastEndsMs === undefined ? flags.speed : (beganMs - pastEndsMs) / 1_000;
    const moment = {
      seconds: tick === 0 ? firstS : storyS - livedS,
      intensity: intensityAt(storyS, flags.incidentAfterS),
      crowd: crowdAt(beganMs + storyS * 1_000),
      nowMs: Date.now(),
    };
    livedS = storyS;
    for (const service of lives) service.live(moment);
    const isFirstAfterPast = tick === 0 && pastEndsMs !== undefined;
    // What the first moment makes up for belongs to the minute that it is in.
    if (isFirstAfterPast || tick % FLUSH_EVERY_TICKS === FLUSH_EVERY_TICKS - 1) {
      await delay(BIRTH_MS);
      await Promise.all(lives.map((service) => service.flush()));
      if (pastEndsMs !== undefined) await history.claim(pastEndsMs);
    }
    progress.show(present.elapsedS(), phaseOf(storyS, flags.incidentAfterS), tally);
    if (flags.durationS !== undefined && nowS + TICK_MS / 1_000 > flags.durationS) break;
    // Against the clock, so that slow exports do not slow the story.
    const nextMs = startedAt + (tick + 1) * TICK_MS;
    await delay(Math.max(0, nextMs - performance.now()), undefined, { signal: stopped }).catch(() => undefined);
  }
  await delay(BIRTH_MS);
  await Promise.all([...lives, history].map((each) => each.close()));
}

async function main(): Promise<void> {
  const parsed = parseFlags(process.argv.slice(2));
  if ('help' in parsed) {
    process.stdout.write(`${parsed.help}\n`);
    return;
  }
  if ('problem' in parsed) throw new Error(parsed.problem);
  const { flags } = parsed;
  const settings = readSettings(process.env);
  const port = settings.given.has('otlpHttpPort') ? settings.otlpHttpPort : undefined;
  const addresses = candidates(flags.endpoint, port);
  const endpoint = await findDoor(addresses);
  if (endpoint === undefined)
    throw new Error(
      `nothing takes OTLP on ${addresses.join(' or ')}: start Command Center first (npm start), or say where with --endpoint`,
    );
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  process.stderr.write(`sending to ${endpoint}; Ctrl-C ends it\n`);
  await run(flags, endpoint, stopping.signal);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
