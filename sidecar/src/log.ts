/** The sidecar's own log: one line of JSON an event, on standard error. Fields never hold telemetry values. */
export type Log = (event: string, fields?: Readonly<Record<string, unknown>>) => void;

export const jsonLog: Log = (event, fields = {}) => {
  process.stderr.write(`${JSON.stringify({ ts: new Date().toISOString(), event, ...fields })}\n`);
};

const TELL_EVERY_MS = 60_000;

/** The same log, each `event` and `kind` of it at most once a minute: what comes again and again must not fill it. */
export function onceAMinute(
  log: Log,
): (event: string, kind: string, fields: Readonly<Record<string, unknown>>) => void {
  const toldAtMs = new Map<string, number>();
  return (event, kind, fields) => {
    const key = `${event} ${kind}`;
    const nowMs = performance.now();
    if (nowMs - (toldAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return;
    toldAtMs.set(key, nowMs);
    log(event, fields);
  };
}
