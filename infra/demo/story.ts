/** The demo's plot: calm, then an incident that builds up, holds and passes, again and again. */

const BUILD_UP_S = 15;
const HOLD_S = 60;
const RECOVERY_S = 30;
const EVERY_S = 300;

/** How bad it is at this second of the story: 0 = calm, 1 = the worst. */
export function intensityAt(storyS: number, incidentAfterS: number): number {
  if (storyS < incidentAfterS) return 0;
  const second = (storyS - incidentAfterS) % EVERY_S;
  if (second < BUILD_UP_S) return second / BUILD_UP_S;
  if (second < BUILD_UP_S + HOLD_S) return 1;
  return Math.max(0, 1 - (second - BUILD_UP_S - HOLD_S) / RECOVERY_S);
}

/** What the progress line calls it. */
export function phaseOf(storyS: number, incidentAfterS: number): string {
  const now = intensityAt(storyS, incidentAfterS);
  if (now === 1) return 'INCIDENT: database pool exhausted';
  if (now === 0) {
    const nextS = storyS < incidentAfterS ? incidentAfterS - storyS : EVERY_S - ((storyS - incidentAfterS) % EVERY_S);
    return `calm, next incident in ${Math.ceil(nextS)} s`;
  }
  return intensityAt(storyS + 1, incidentAfterS) > now ? 'incident building up' : 'recovering';
}

/** The part of the day's crowd that is there: a slow wave, so that charts are not flat. */
export function crowdAt(storyS: number): number {
  return 1 + 0.25 * Math.sin((storyS / 420) * 2 * Math.PI) + 0.08 * Math.sin((storyS / 47) * 2 * Math.PI);
}
