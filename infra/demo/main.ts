import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { readSettings } from '@command-center/contract/settings/settings';
import { candidates, findDoor } from './door.ts';
import { type DemoFlags, parseFlags } from './flags.ts';
import { openLive } from './live.ts';
import { progressOn } from './progress.ts';
import { seededRandom } from './random.ts';
import { emptyTally } from './sender.ts';
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
  const surroundings = (offset: number) => ({ endpoint, tally, random: seededRandom(flags.seed + offset) });
  const lives = services.map((service, index) => openLive(service, surroundings(index * 1_000)));
  const progress = progressOn(process.stderr);
  const beganMs = Date.now();
  const startedAt = performance.now();
  const elapsedS = (): number => (performance.now() - startedAt) / 1_000;
  let livedS = 0;
  for (let tick = 0; !stopped.aborted; tick += 1) {
    const nowS = elapsedS();
    const storyS = nowS * flags.speed;
    const moment = {
      // The first moment has no earlier one.
      seconds: tick === 0 ? flags.speed : storyS - livedS,
      intensity: intensityAt(storyS, flags.incidentAfterS),
      crowd: crowdAt(beganMs + storyS * 1_000),
      nowMs: Date.now(),
    };
    livedS = storyS;
    for (const service of lives) service.live(moment);
    if (tick % FLUSH_EVERY_TICKS === FLUSH_EVERY_TICKS - 1) {
      await delay(BIRTH_MS);
      await Promise.all(lives.map((service) => service.flush()));
    }
    progress.show(nowS, phaseOf(storyS, flags.incidentAfterS), tally);
    if (flags.durationS !== undefined && nowS + TICK_MS / 1_000 > flags.durationS) break;
    // Against the clock, so that slow exports do not slow the story.
    const nextMs = startedAt + (tick + 1) * TICK_MS;
    await delay(Math.max(0, nextMs - performance.now()), undefined, { signal: stopped }).catch(() => undefined);
  }
  await delay(BIRTH_MS);
  await Promise.all(lives.map((service) => service.close()));
  progress.end(elapsedS(), tally);
  if (tally.failedExports > 0 && tally.points === 0) process.exitCode = 1;
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
