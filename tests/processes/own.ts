import type { SidecarProcess } from './sidecar.ts';

export interface ReadinessAnswer {
  readonly status: number;
  readonly words: string;
}

/** What /readyz says. */
export async function readinessOf({ own }: Pick<SidecarProcess, 'own'>): Promise<ReadinessAnswer> {
  const answer = await fetch(`${own}/readyz`);
  return { status: answer.status, words: await answer.text() };
}

/** One of the sidecar's own metrics by its name in Prometheus without the prefix; the first label set's. NaN = it is not there. */
export async function metricOf({ own }: Pick<SidecarProcess, 'own'>, name: string): Promise<number> {
  const text = await (await fetch(`${own}/metrics`)).text();
  return Number(new RegExp(`^command_center_sidecar_${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
}
