/** The demo's plot. Its present: calm, then an incident that builds up, holds and passes, again and again. Its past: a week that repeats. */

const BUILD_UP_S = 15;
const HOLD_S = 60;
const RECOVERY_S = 30;
const EVERY_S = 300;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Parts of a past incident in which it builds up, and in which it passes. */
const BUILD_UP_PART = 0.15;
const RECOVERY_PART = 0.25;

interface PastIncident {
  readonly name: string;
  /** 0 = Sunday; undefined = every day. UTC, as the time. */
  readonly weekday: number | undefined;
  readonly hour: number;
  readonly minute: number;
  readonly minutes: number;
  readonly worst: number;
}

/** Each is at the same time every week, so that somebody who looks at a chart can tell them apart. */
export const pastIncidents: readonly PastIncident[] = [
  { name: 'nightly backup', weekday: undefined, hour: 3, minute: 0, minutes: 8, worst: 0.3 },
  { name: 'Monday rush', weekday: 1, hour: 9, minute: 5, minutes: 35, worst: 0.7 },
  { name: 'Wednesday outage', weekday: 3, hour: 14, minute: 30, minutes: 50, worst: 1 },
  { name: 'Friday evening', weekday: 5, hour: 20, minute: 0, minutes: 25, worst: 0.85 },
];

/** How bad it is at this second of the story: 0 = calm, 1 = the worst. */
export function intensityAt(storyS: number, incidentAfterS: number): number {
  if (storyS < incidentAfterS) return 0;
  const second = (storyS - incidentAfterS) % EVERY_S;
  if (second < BUILD_UP_S) return second / BUILD_UP_S;
  if (second < BUILD_UP_S + HOLD_S) return 1;
  return Math.max(0, 1 - (second - BUILD_UP_S - HOLD_S) / RECOVERY_S);
}

/** How bad it was at a time of the past, epoch milliseconds: 0 = calm, 1 = the worst. */
export function pastIntensityAt(timeMs: number): number {
  const weekday = new Date(timeMs).getUTCDay();
  let intensity = 0;
  for (const incident of pastIncidents) {
    if (incident.weekday !== undefined && incident.weekday !== weekday) continue;
    const startMs = incident.hour * HOUR_MS + incident.minute * MINUTE_MS;
    const part = ((timeMs % DAY_MS) - startMs) / (incident.minutes * MINUTE_MS);
    if (part < 0 || part >= 1) continue;
    intensity = Math.max(intensity, incident.worst * Math.min(1, part / BUILD_UP_PART, (1 - part) / RECOVERY_PART));
  }
  return intensity;
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

/**
 * The crowd at a time (epoch milliseconds), around 1: fewest in the morning and most in the evening (UTC), more at the weekend, and a slow
 * wave of seven minutes, so that no chart is flat.
 */
export function crowdAt(timeMs: number): number {
  const turn = (everyMs: number): number => Math.sin(((timeMs % everyMs) / everyMs) * 2 * Math.PI);
  // Lowest at 7:00, highest at 19:00.
  const day = 1 + 0.5 * Math.sin((((timeMs - 13 * HOUR_MS) % DAY_MS) / DAY_MS) * 2 * Math.PI);
  const weekday = new Date(timeMs).getUTCDay();
  const week = weekday === 0 || weekday === 6 ? 1.15 : 1;
  return day * week * (1 + 0.1 * turn(7 * MINUTE_MS));
}

/** Seconds since the last weekly deployment, Tuesdays at 10:00 UTC. */
export function uptimeAt(timeMs: number): number {
  // The epoch was a Thursday.
  const deployedMs = 5 * DAY_MS + 10 * HOUR_MS;
  return ((timeMs - deployedMs) % (7 * DAY_MS)) / 1_000;
}
