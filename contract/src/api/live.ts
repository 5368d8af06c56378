import { z } from 'zod';
import { timestamp } from './primitives.ts';

/** `POST /live/ticket`: what opens a live socket, once (interfaces.md §4). */
export const liveTicket = z.object({ ticket: z.string(), expires_at: timestamp });
export type LiveTicket = z.infer<typeof liveTicket>;
