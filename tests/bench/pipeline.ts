import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { readSettings } from '@command-center/contract/settings/settings';
import { buildBatch } from '@command-center/sidecar/batch/build';
import { curateRequest } from '@command-center/sidecar/batch/curateRequest';
import { foldDraft } from '@command-center/sidecar/batch/draft';
import { createMemory, type Memory, SeriesSlot } from '@command-center/sidecar/batch/memory';
import { seriesKey } from '@command-center/sidecar/batch/places';
import type { CuratedPoints } from '@command-center/sidecar/curate/curated';
import { createCurator } from '@command-center/sidecar/curate/curator';
import { decodeProtobuf } from '@command-center/sidecar/decode/protobuf';
import { BODIES_PER_ROUND, compressed, ITEMS_PER_BODY, type Load, loads } from './load.ts';

/** `node tests/bench/pipeline.ts [load] [rounds]`: gunzip, decode, curate and aggregate without a commit, in one process. */

export interface PipelineFigures {
  readonly items: number;
  readonly cpuSeconds: number;
  /** Microseconds of wall time an item, by stage. */
  readonly stages: Readonly<Record<'gunzip' | 'decode' | 'curate' | 'build', number>>;
  /** Check value: streams remembered and windows, or records kept. */
  readonly kept: number;
}

/** The budget of each metric, as `loadSeries` admits it, without a database. */
const MAX_SERIES = 100;

export function runPipeline(load: Load, rounds: number): PipelineFigures {
  const curator = createCurator({ settings: readSettings({}), nowMs: Date.now });
  const memory = createMemory(1);
  const stages = { gunzip: 0, decode: 0, curate: 0, build: 0 };
  let kept = 0;
  let cpuMicros = 0;
  // The first round makes streams known; it is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    const bodies = Array.from({ length: BODIES_PER_ROUND }, (_, body) => compressed(load.body(round, body)));
    const start = process.cpuUsage();
    for (const body of bodies) {
      const marks = [performance.now()];
      const bytes = gunzipSync(body);
      marks.push(performance.now());
      const decoded = decodeProtobuf(load.signal, bytes);
      marks.push(performance.now());
      const curated = curateRequest(curator, decoded);
      marks.push(performance.now());
      admit(memory, curated.points);
      const { draft } = buildBatch(memory, [curated], new Set(), Number.NEGATIVE_INFINITY);
      foldDraft(memory, draft);
      curated.points.table.release();
      marks.push(performance.now());
      kept += draft.logs.length + draft.spans.length;
      if (round === 0) continue;
      (['gunzip', 'decode', 'curate', 'build'] as const).forEach((stage, index) => {
        stages[stage] += (marks[index + 1] ?? 0) - (marks[index] ?? 0);
      });
    }
    const { user, system } = process.cpuUsage(start);
    if (round > 0) cpuMicros += user + system;
  }
  const items = rounds * BODIES_PER_ROUND * ITEMS_PER_BODY;
  const each = (ms: number): number => Math.round((ms * 1e6) / items) / 1000;
  return {
    items,
    cpuSeconds: cpuMicros / 1e6,
    stages: {
      gunzip: each(stages.gunzip),
      decode: each(stages.decode),
      curate: each(stages.curate),
      build: each(stages.build),
    },
    kept: kept + memory.windows.size + [...memory.families.values()].reduce((sum, family) => sum + family.size, 0),
  };
}

function admit(memory: Memory, points: CuratedPoints): void {
  const seen = new Set<unknown>();
  for (const stream of points.streams) {
    for (const target of stream?.targets ?? []) {
      if (seen.has(target)) continue;
      seen.add(target);
      const key = seriesKey(target);
      if (memory.series.has(key)) continue;
      const id = 1 + (memory.series.size % MAX_SERIES);
      const slot = { id, fromMinuteMs: -Infinity, overflowId: null, isOverflow: false, askedAtMs: Date.now() };
      memory.series.set(key, new SeriesSlot(slot));
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , name, rounds = '10'] = process.argv;
  for (const load of loads(Date.now() - (Number(rounds) + 12) * 10_000)) {
    if (name !== undefined && !load.name.includes(name)) continue;
    process.stdout.write(`${JSON.stringify({ load: load.name, ...runPipeline(load, Number(rounds)) })}\n`);
  }
}
