import { acknowledgedIsStored } from './acknowledgedIsStored.ts';
import { countedIsStored } from './countedIsStored.ts';
import type { Evidence, Invariant, Violation } from './invariant.ts';
import { mergedIsCurrent } from './mergedIsCurrent.ts';
import { nothingForbidden } from './nothingForbidden.ts';
import { nothingTwice } from './nothingTwice.ts';
import { rollUpsEqualWindows } from './rollUpsEqualWindows.ts';
import { windowEqualsReplay } from './windowEqualsReplay.ts';
import { windowInOnePlace } from './windowInOnePlace.ts';

const always = {
  acknowledgedIsStored,
  nothingTwice,
  windowInOnePlace,
  countedIsStored,
  nothingForbidden,
  mergedIsCurrent,
};
const atTheEnd = { ...always, windowEqualsReplay };

/** Violations of one promise printed; one cause breaks many windows. */
const MAX_SHOWN = 6;

/** @throws Error naming the promises that were broken, and where. */
export function checkAlways(evidence: Evidence): void {
  check(always, evidence);
}

/** For when every hour is rolled up as well. */
export function checkRolledUp(evidence: Evidence): void {
  check({ ...atTheEnd, rollUpsEqualWindows }, evidence);
}

/** For when everything that was sent is acknowledged. */
export function checkAtTheEnd(evidence: Evidence): void {
  check(atTheEnd, evidence);
}

function check(invariants: Readonly<Record<string, Invariant>>, evidence: Evidence): void {
  const broken = Object.entries(invariants).flatMap(([name, invariant]) => {
    const violations = invariant(evidence);
    return violations.length === 0 ? [] : [`${name} is broken in ${violations.length} places:\n${shown(violations)}`];
  });
  if (broken.length > 0) throw new Error(broken.join('\n'));
}

function shown(violations: readonly Violation[]): string {
  return violations
    .slice(0, MAX_SHOWN)
    .map(
      ({ where, expected, got }) =>
        `  ${where}\n    expected ${JSON.stringify(expected)}\n    got      ${JSON.stringify(got)}`,
    )
    .join('\n');
}
