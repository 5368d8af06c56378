import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Processes looked at before giving up; a machine has hundreds. */
const MAX_PROCESSES = 10_000;
/** `0A` in /proc/net/tcp: LISTEN. */
const LISTENING = '0A';

/** Who listens on a TCP port, as `node (process 4711)`; undefined where that cannot be found (not Linux, or a process of another user). */
export function portOwner(port: number): string | undefined {
  try {
    const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)));
    if (inodes.size === 0) return undefined;
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const pid = pids.slice(0, MAX_PROCESSES).find((candidate) => holdsSocket(candidate, inodes));
    return pid === undefined ? undefined : `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (process ${pid})`;
  } catch {
    return undefined;
  }
}

/** proc(5): the second column is the local address as hex `ADDRESS:PORT`, the fourth the state, the tenth the inode. */
function listeningInodes(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = readFileSync(table, 'utf8').split('\n').slice(1);
  return rows.flatMap((row) => {
    const columns = row.trim().split(/\s+/);
    return columns[1]?.endsWith(`:${hexPort}`) === true && columns[3] === LISTENING ? (columns[9] ?? []) : [];
  });
}

function holdsSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((descriptor) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
      return inode !== undefined && inodes.has(inode);
    });
  } catch {
    // It ended meanwhile, or belongs to somebody else.
    return false;
  }
}
