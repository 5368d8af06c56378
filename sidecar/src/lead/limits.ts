/** Bounds of the leader's work (platform §2): each transaction stays well under its 3 s. */

/** Series the summary reads, the newest ones: thirty metrics of a hundred series each come to a tenth of it. */
export const maxSummarySeries = 20_000;

/** Rows read at a time to fill the sparklines of a new leader: about a quarter of a second; the rest follows at the next pass. */
export const maxHistoryRows = 40_000;
