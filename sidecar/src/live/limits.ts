/** Bounds of the live socket. */

/** Sockets that have not presented a ticket yet: each costs a stranger nothing. */
export const MAX_UNKNOWN_CLIENTS = 100;
/** Milliseconds in which the ticket must come. */
export const SUBSCRIBE_WITHIN_MS = 5_000;
/** Bytes of a message of a browser; a subscription takes 150. */
export const MAX_MESSAGE_BYTES = 4_096;
/** Messages of one browser in ten seconds: it says something when a tab is opened. */
export const MAX_MESSAGES = 20;
export const MESSAGES_WINDOW_MS = 10_000;

/** Milliseconds between two looks at the database while anybody watches (design §6), and the least where this sidecar itself has just stored logs. */
export const LOOK_EVERY_MS = 500;
export const LOOK_AGAIN_MS = 100;
/** Milliseconds one look may take. */
export const LOOK_DEADLINE_MS = 2_000;
/** Without a look for so long browsers are sent away: polling tells them what is wrong. */
export const BLIND_AFTER_MS = 5_000;

/** Newest ERROR records of a look, and of a snapshot: the rows of the console's feed. */
export const NEWEST_ERRORS = 25;

/** Bytes that wait to be read by one browser: three snapshots. Beyond it frames are left out for it, and it gets a snapshot once it has read. */
export const MAX_UNREAD_BYTES = 128 * 1_024;
/** Milliseconds a browser may leave that much unread. */
export const UNREAD_FOR_MS = 30_000;
/** Milliseconds between two pings; who has not answered by the next one is gone. */
export const PING_EVERY_MS = 15_000;
/** Milliseconds that a socket lives where its identity has no end of its own: as long as a session. */
export const MAX_SOCKET_MS = 8 * 3_600_000;
/** Milliseconds for the closing handshakes at a stop. */
export const CLOSE_GRACE_MS = 300;
