import type { Infrastructure } from '@command-center/contract/api/infrastructure';
import type { Settings } from '@command-center/contract/settings/settings';
import { coloured } from '@command-center/contract/thresholds';
import type { TransactionSql } from 'postgres';
import { type Gauges, type Level, readLevels } from '../levels/readLevels.ts';
import { limits } from '../limits.ts';
import type { LabelledSeries } from '../queries/labelledSeries.ts';
import { membersBy } from '../totals/members.ts';
import { overflowKey } from '../trends/overflow.ts';

type Pool = Infrastructure['database']['pools'][number];
type Queue = Infrastructure['pipeline']['queues'][number];
type Process = Infrastructure['memory']['processes'][number];

const metrics = {
  connections: 'db.client.connection.count',
  connectionsMax: 'db.client.connection.max',
  queueSize: 'otelcol_exporter_queue_size',
  queueCapacity: 'otelcol_exporter_queue_capacity',
  memory: 'process.memory.usage',
} as const;

/** The gauges that tell how full something is. */
export const fillMetrics: readonly string[] = Object.values(metrics);

/** What a series is a part of: pools by service, queues by service, exporter and kind of data. */
interface Part {
  readonly what: 'used' | 'idle' | 'max' | 'size' | 'capacity';
  readonly owner: readonly string[];
}

/** How full pools, queues and processes are now; the fullest first. */
export async function readFills(
  tx: TransactionSql,
  series: readonly LabelledSeries[],
  settings: Pick<Settings, 'thresholds' | 'processMemoryLimitBytes'>,
  nowMs: number,
): Promise<{ readonly pools: Pool[]; readonly queues: Queue[]; readonly processes: Process[] }> {
  // The overflow series is of no service: beside the others it would be one that nobody has.
  const owned = series.filter(({ labels }) => labels[overflowKey] !== true);
  const additive = membersBy(owned, partOf);
  const memory = membersBy(owned, ({ metric_name, labels }) =>
    metric_name === metrics.memory ? String(labels['service.name'] ?? '') : undefined,
  );
  const gauges: Gauges[] = [
    { shape: 'additive', chosen: additive, count: additive.keys.length },
    { shape: 'max', chosen: memory, count: memory.keys.length },
  ];
  const parts = await readLevels(tx, gauges, nowMs);
  const processes = parts.slice(additive.keys.length);
  const bounds = settings.thresholds;
  const owners = Map.groupBy(
    additive.keys.map((key, at) => ({ ...key, level: parts[at] })),
    ({ what, owner }) => JSON.stringify([what === 'size' || what === 'capacity', owner]),
  );
  const pools: Pool[] = [];
  const queues: Queue[] = [];
  for (const own of owners.values()) {
    const level = (what: Part['what']): Level | undefined => own.find((one) => one.what === what)?.level;
    const value = (what: Part['what']): number | null => level(what)?.value ?? null;
    const [service = '', exporter = '', dataType = ''] = own[0]?.owner ?? [];
    const isQueue = own.some(({ what }) => what === 'size' || what === 'capacity');
    const percent = isQueue ? percentOf(value('size'), value('capacity')) : percentOf(value('used'), value('max'));
    const ages = own.flatMap((one) => one.level?.age_s ?? []);
    const common = { service, percent, age_s: ages.length === 0 ? null : Math.min(...ages) };
    if (isQueue) {
      const colour = coloured(bounds, 'OTEL_QUEUE', percent);
      const kind = { exporter, data_type: dataType };
      queues.push({ ...common, ...kind, colour, size: value('size'), capacity: value('capacity') });
    } else {
      const colour = coloured(bounds, 'DB_POOL', percent);
      pools.push({ ...common, colour, used: value('used'), idle: value('idle'), max: value('max') });
    }
  }
  return {
    pools: fullestFirst(pools),
    queues: fullestFirst(queues),
    processes: fullestFirst(
      memory.keys.map((service, at): Process => {
        const bytes = processes[at]?.value ?? null;
        const percent = percentOf(bytes, settings.processMemoryLimitBytes ?? null);
        const colour = coloured(bounds, 'PROCESS_MEMORY', percent);
        return { service, percent, colour, age_s: processes[at]?.age_s ?? null, bytes };
      }),
    ),
  };
}

function partOf({ metric_name, labels }: LabelledSeries): Part | undefined {
  const label = (key: string): string => String(labels[key] ?? '');
  const service = label('service.name');
  const queue = [service, label('exporter'), label('data_type')];
  switch (metric_name) {
    case metrics.connections: {
      const state = label('db.client.connection.state');
      return state === 'used' || state === 'idle' ? { what: state, owner: [service] } : undefined;
    }
    case metrics.connectionsMax:
      return { what: 'max', owner: [service] };
    case metrics.queueSize:
      return { what: 'size', owner: queue };
    case metrics.queueCapacity:
      return { what: 'capacity', owner: queue };
    default:
      return undefined;
  }
}

function percentOf(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : (100 * part) / whole;
}

/** What nobody has heard of for an hour is gone, not empty. */
function fullestFirst<F extends { readonly percent: number | null; readonly service: string; age_s: number | null }>(
  fills: readonly F[],
): F[] {
  return fills
    .filter(({ age_s }) => age_s !== null)
    .sort((a, b) => (b.percent ?? -1) - (a.percent ?? -1) || (a.service < b.service ? -1 : 1))
    .slice(0, limits.infrastructureRows);
}
