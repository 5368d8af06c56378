/** Seconds between two polls of the console, by section (design §7; the summary and the feed as in interfaces.md §4, "Live"). */
export const cadences = {
  summary: 10,
  feed: 10,
  trends: 30,
  traces: 30,
  logs: 15,
  infrastructure: 10,
  voice: 10,
  intake: 30,
} as const;

/** Seconds between two writes of `telemetry_summary`, two probes, and two live vital signs. */
export const leaderCadenceSeconds = 5;
