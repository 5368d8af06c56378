import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { cadences } from '@command-center/contract/cadences';
import { adminToken, base } from '../api/stage.ts';
import { cpuSeconds, treeCpuSeconds } from './cpu.ts';

/** What an open console asks for, and how often (seconds): the overview with its feed, and the golden signals. */
export const polled: readonly { readonly path: string; readonly everyS: number }[] = [
  { path: '/summary', everyS: cadences.summary },
  { path: '/logs?level=ERROR&group=1&limit=25&range=24h', everyS: cadences.feed },
  { path: '/trends?metric=http.server.request.duration&range=1h', everyS: cadences.trends },
];
/** Before what is measured: code is compiled and connections are made. */
const warmUp = 100;

/** Polls in the order of a console that is open for long enough. */
function pollsOf(count: number): string[] {
  const due = polled.map(({ path, everyS }) => ({ path, everyS, atS: 0 }));
  return Array.from({ length: count }, () => {
    const next = due.reduce((first, each) => (each.atS < first.atS ? each : first));
    next.atS += next.everyS;
    return next.path;
  });
}

/**
 * CPU seconds, user and system, for 1,000 polls one after another, of an API process of its own and of the Postgres whose process is `pid`. Asked as
 * browsers do, compressed and with the entity tag of the answer before; nothing new arrives meanwhile.
 */
export async function pollsCpu(database: { readonly url: string; readonly pid: number | undefined }, count: number) {
  const child = spawn(process.execPath, ['api/src/entry/run.ts'], {
    env: {
      COMMAND_CENTER_DATABASE_URL: database.url,
      COMMAND_CENTER_PORT: '0',
      COMMAND_CENTER_ADMIN_TOKEN: adminToken,
      COMMAND_CENTER_SESSION_SECRET: adminToken,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const { console: url } = JSON.parse(String(line));
    let notModified = 0;
    const tags = new Map<string, string>();
    const ask = async (path: string): Promise<void> => {
      const headers = { Authorization: `Bearer ${adminToken}`, 'If-None-Match': tags.get(path) ?? '""' };
      const answer = await fetch(`${url}${base}${path}`, { headers });
      await answer.arrayBuffer();
      const tag = answer.headers.get('etag');
      if (tag !== null) tags.set(path, tag);
      if (answer.status === 304) notModified += 1;
      else if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    };
    for (const path of pollsOf(warmUp)) await ask(path);
    notModified = 0;
    const read = () => [cpuSeconds(child.pid ?? 0), database.pid === undefined ? null : treeCpuSeconds(database.pid)];
    const [apiBefore = 0, postgresBefore = null] = read();
    for (const path of pollsOf(count)) await ask(path);
    const [apiAfter = 0, postgresAfter = null] = read();
    const perThousand = (before: number | null, after: number | null): number | null =>
      before === null || after === null ? null : Math.round(((after - before) / count) * 1_000_000) / 1_000;
    return {
      polls: count,
      api_cpu_s_per_1000: perThousand(apiBefore, apiAfter),
      postgres_cpu_s_per_1000: perThousand(postgresBefore, postgresAfter),
      not_modified: notModified,
    };
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}
