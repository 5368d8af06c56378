/** The sidecar's own log: one line of JSON an event, on standard error. Fields never hold telemetry values. */
export type Log = (event: string, fields?: Readonly<Record<string, unknown>>) => void;

export const jsonLog: Log = (event, fields = {}) => {
  process.stderr.write(`${JSON.stringify({ ts: new Date().toISOString(), event, ...fields })}\n`);
};
