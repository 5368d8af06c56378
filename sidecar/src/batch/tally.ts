import type { ReasonCode } from '@command-center/contract/reasons';
import type { Receipt, Subject } from '../curate/curated.ts';
import type { IntakeCount, IntakeOutcome } from '../store/intake.ts';

/** Dropped names, labels and services kept apart in one writer's life; later ones are counted together (contract.md §2, "the first 200"). */
export const MAX_NAMES = 200;
export const MAX_SERVICES = 200;

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

/** What became of the kept points of one subject. */
interface PointCounts {
  received: number;
  stored: number;
  /** Not stored, since another source holds the minute. */
  rivalled: number;
}

/** Counts points by what curation says is counted alike: points that come one after another nearly always are. */
export class PointTally {
  readonly #bySubject = new Map<Subject, PointCounts>();
  #last: Subject | undefined;
  #counts: PointCounts = { received: 0, stored: 0, rivalled: 0 };

  /** The counts of a subject, to add to. */
  of(subject: Subject): PointCounts {
    if (subject === this.#last) return this.#counts;
    const counts = this.#bySubject.get(subject) ?? { received: 0, stored: 0, rivalled: 0 };
    this.#bySubject.set(subject, counts);
    this.#last = subject;
    this.#counts = counts;
    return counts;
  }

  addTo(tally: Tally): void {
    for (const [{ service, name, receipts }, counts] of this.#bySubject) {
      tally.add('metrics', service, 'received', '', name, counts.received);
      if (counts.stored > 0) tally.add('metrics', service, 'stored', '', name, counts.stored);
      if (counts.rivalled > 0) tally.add('metrics', service, 'dropped', 'other_source', name, counts.rivalled);
      tally.addReceipts('metrics', service, receipts, counts.received);
    }
  }
}

/** Counts what comes many times in a row as one, for a counter that costs more than a comparison. */
export class Runs<T> {
  readonly #count: (value: T, times: number) => void;
  #value: T | undefined;
  #times = 0;

  constructor(count: (value: T, times: number) => void) {
    this.#count = count;
  }

  add(value: T): void {
    if (value !== this.#value) {
      this.end();
      this.#value = value;
    }
    this.#times += 1;
  }

  /** Counts what is not counted yet. */
  end(): void {
    if (this.#value !== undefined && this.#times > 0) this.#count(this.#value, this.#times);
    this.#times = 0;
  }
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

  /** `records`: how many had these receipts. */
  addReceipts(signal: string, service: string, receipts: readonly Receipt[], records = 1): void {
    for (const receipt of receipts) this.add(signal, service, receipt.outcome, receipt.reason, receipt.name, records);
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
  rows(budget: Pick<NameBudget, 'name' | 'service'>): IntakeCount[] {
    const folded = new Tally();
    for (const row of this.#counts.values()) {
      folded.add(row.signal, budget.service(row.service), row.outcome, row.reason, budget.name(row.name), row.count);
    }
    return [...folded.#counts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row);
  }
}
