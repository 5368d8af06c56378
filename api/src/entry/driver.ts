import type { Options } from 'postgres';

/** Connecting takes longer only where nobody answers; then the request has been refused already (presence.ts). */
const connectSeconds = 2;
/** Longest pause between two tries to connect: a refusal must come within 3 s, and an outage must not be prolonged. */
const maxBackoffSeconds = 0.25;

/** What the pools of all runtimes have in common. Arrays travel as text, so that no connection begins with a look at the types. */
export const driverOptions = {
  connect_timeout: connectSeconds,
  backoff: (tries: number) => Math.min(2 ** tries / 100, maxBackoffSeconds),
  fetch_types: false,
  connection: { application_name: 'command-center-api' },
  onnotice: () => undefined,
} satisfies Options<Record<string, never>>;
