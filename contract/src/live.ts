/** The live socket's terms that browser and sidecar share (interfaces.md §4). */

export const livePath = '/api/admin/observability/live';

/** Seconds that a ticket is good for, once. */
export const liveTicketSeconds = 30;

/** Seconds between two vital signs and two pings; a browser that has heard nothing for three times as long gives the socket up. */
export const liveBeatSeconds = 5;

/** ERROR records a second that a browser is sent one by one; the rest is counted. */
export const liveErrorsPerSecond = 10;

/** Close codes of our own (RFC 6455 §7.4.2). Whoever is closed with another code, or none, comes back with a new ticket. */
export const liveClose = {
  /** A frame that is no `subscribe`. Not to be repeated as it is. */
  malformed: 4400,
  /** The ticket was used, ran out, or never was. */
  refused: 4401,
  /** The identity that asked for the ticket has ended: sign in again. */
  ended: 4403,
  /** No `subscribe` came in time. */
  late: 4408,
  /** What was sent was not read. */
  slow: 4409,
  /** Too many messages. */
  busy: 4429,
} as const;
