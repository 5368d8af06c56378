import { readFile } from 'node:fs/promises';

/** VmRSS of a process; NaN where there is no /proc, which fails every comparison. */
export async function residentBytes(pid: number): Promise<number> {
  return kilobytes(pid, 'VmRSS');
}

/** VmHWM: the most that it ever was. */
export async function peakResidentBytes(pid: number): Promise<number> {
  return kilobytes(pid, 'VmHWM');
}

async function kilobytes(pid: number, name: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}
