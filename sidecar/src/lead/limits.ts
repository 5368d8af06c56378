/** Bounds of the leader's work (platform §2): each transaction stays well under its 3 s. */

/** Windows a statement moves to their partition; what is left follows at the next pass. */
export const maxMovedWindows = 50_000;
