import { type Random, seededRandom } from '@command-center/infra/demo/random';
import type { Signal } from '@command-center/sidecar/decode/records';
import { mangleBytes } from './bytes.ts';
import { makeCorpus, type Sound, signals } from './corpus.ts';
import { type JsonNode, mangleJson, parseJsonTree } from './jsonMutations.ts';
import { mangleWire } from './wireMutations.ts';
import { parseWire, type WireNode } from './wireTree.ts';

export const formats = ['protobuf', 'json'] as const;
export type Format = (typeof formats)[number];

/** One mutated body. The same seed and number give the same one, whatever was asked for before. */
export interface Input {
  readonly number: number;
  readonly signal: Signal;
  readonly format: Format;
  readonly body: Buffer;
}

/** Requests a signal that the mutations start from. */
const CORPUS_SIZE = 400;

interface Seedling extends Sound {
  readonly wire: readonly WireNode[];
  readonly tree: JsonNode;
}

/** `endMs`: the hour before it holds all times of the corpus. */
export function inputsOf(seed: number, endMs: number): (number: number) => Input {
  const corpus = makeCorpus(seededRandom(seed), CORPUS_SIZE, endMs);
  const seedlings = signals.map((signal) =>
    corpus[signal].map(
      (sound): Seedling => ({
        ...sound,
        wire: parseWire(sound.protobuf) ?? [],
        tree: parseJsonTree(sound.json.toString()),
      }),
    ),
  );
  const pick = (random: Random, signal: number): Seedling => {
    const some = seedlings[signal] ?? [];
    const one = some[random.integer(0, some.length - 1)];
    if (one === undefined) throw new Error('an empty corpus');
    return one;
  };
  return (number) => {
    const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
    const index = number % signals.length;
    const format = random.pick(formats);
    const own = pick(random, index);
    // Seldom of another signal.
    const donor = pick(random, random.chance(0.9) ? index : random.integer(0, signals.length - 1));
    return { number, signal: signals[index] ?? 'metrics', format, body: bodyOf(random, format, own, donor) };
  };
}

function bodyOf(random: Random, format: Format, own: Seedling, donor: Seedling): Buffer {
  const sound = own[format];
  if (random.chance(0.08)) return sound;
  // Two messages in a row are one merged message in protobuf, and no JSON.
  if (random.chance(0.02)) return Buffer.concat([sound, donor[format]]);
  // The other encoding's bytes.
  if (random.chance(0.01)) return format === 'json' ? own.protobuf : own.json;
  if (random.chance(0.2)) return mangleBytes(random, sound);
  const mangled =
    format === 'protobuf' ? mangleWire(random, own.wire, donor.wire) : mangleJson(random, own.tree, donor.tree);
  return random.chance(0.05) ? mangleBytes(random, mangled) : mangled;
}
