import type { Deps } from '../deps.ts';
import { limits } from '../limits.ts';
import type { Refusal } from '../problems.ts';
import type { ExportQuery } from '../requests/exportQuery.ts';
import { GivenUpError } from './heed.ts';
import { exportQuestion, type OpenExport } from './open.ts';
import type { Slots } from './slots.ts';

/** An export that has a place among those that go on. */
export interface BegunExport extends OpenExport {
  /** Gives the place back. */
  readonly release: () => void;
}

/** Takes a place and finds the rows; where it refuses or throws, the place is free again. */
export async function beginExport(
  deps: Deps,
  slots: Slots,
  query: ExportQuery,
  signal: AbortSignal,
): Promise<BegunExport | { readonly refusal: Refusal }> {
  const asked = exportQuestion(deps, query);
  if ('refusal' in asked) return asked;
  const release = slots.take();
  if (release === null) {
    const detail = `${limits.exportsAtOnce} exports are going on already; this one can begin when one of them ends.`;
    return { refusal: { code: 'too_many_requests', detail } };
  }
  let begun: BegunExport | undefined;
  try {
    const opened = await asked.open(signal);
    if (signal.aborted) throw new GivenUpError();
    if ('refusal' in opened) return opened;
    begun = { ...opened, release };
    return begun;
  } catch (error) {
    if (error instanceof GivenUpError) return { refusal: clientGone };
    throw error;
  } finally {
    if (begun === undefined) release();
  }
}

export const clientGone: Refusal = { code: 'client_gone', detail: 'The client went away before its answer.' };
