import type { ReasonCode } from '@command-center/contract/reasons';
import type { Receipt } from '../curate/curated.ts';
import type { IntakeCount, IntakeOutcome } from '../store/intake.ts';

/** Dropped names, labels and services kept apart in one writer's life; later ones are counted together (contract.md §2, "the first 200"). */
const MAX_NAMES = 200;
const MAX_SERVICES = 200;

/** Which names this writer still counts one by one. Lives as long as the writer, so that an hour of scanners cannot grow the table. */
export class NameBudget {
  readonly #names = new Set<string>();
  readonly #services = new Set<string>();

  name(value: string): string {
    return admitted(this.#names, value, MAX_NAMES) ? value : '';
  }

  service(value: string): string {
    return admitted(this.#services, value, MAX_SERVICES) ? value : '_OTHER';
  }
}

function admitted(seen: Set<string>, value: string, max: number): boolean {
  if (seen.has(value)) return true;
  if (seen.size >= max) return false;
  seen.add(value);
  return true;
}

/** What became of the records of a request or a batch, by signal, service, outcome, reason and name. */
export class Tally {
  readonly #counts = new Map<string, { -readonly [K in keyof IntakeCount]: IntakeCount[K] }>();

  add(signal: string, service: string, outcome: IntakeOutcome, reason: string, name: string, count = 1): void {
    const key = `${signal}\n${service}\n${outcome}\n${reason}\n${name}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { signal, service, outcome, reason, name, count });
    else known.count += count;
  }

  addReceipts(signal: string, service: string, receipts: readonly Receipt[]): void {
    for (const receipt of receipts) this.add(signal, service, receipt.outcome, receipt.reason, receipt.name);
  }

  addAll(other: Tally): void {
    for (const row of other.#counts.values())
      this.add(row.signal, row.service, row.outcome, row.reason, row.name, row.count);
  }

  /** What was counted under the reason, by name. */
  names(reason: ReasonCode): Set<string> {
    const names = new Set<string>();
    for (const row of this.#counts.values()) if (row.reason === reason) names.add(row.name);
    return names;
  }

  /** Rows for telemetry_intake, in key order, with names and services past the budget folded together. */
  rows(budget: NameBudget): IntakeCount[] {
    const folded = new Tally();
    for (const row of this.#counts.values()) {
      folded.add(row.signal, budget.service(row.service), row.outcome, row.reason, budget.name(row.name), row.count);
    }
    return [...folded.#counts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row);
  }
}
