import { connect } from 'node:net';

const CONNECT_TIMEOUT_MS = 1_000;
/** A collector usually owns the first; the all-in-one then listens on the second (interfaces.md §5). */
const USUAL_PORTS = [4318, 14318] as const;

/** The addresses to try, best first. `port`: COMMAND_CENTER_OTLP_HTTP_PORT where it was set. */
export function candidates(endpoint: string | undefined, port: number | undefined): readonly string[] {
  if (endpoint !== undefined) return [endpoint];
  const ports = port === undefined ? USUAL_PORTS : [port];
  return ports.map((each) => `http://127.0.0.1:${each}`);
}

/** The first address behind which an OTLP door answers; undefined = none. */
export async function findDoor(addresses: readonly string[]): Promise<string | undefined> {
  for (const address of addresses) if (await isOtlpDoor(address)) return address;
  return undefined;
}

/** An empty export is a success (OTLP 1.11, "Full Success"): any door answers it, and nothing is stored. */
async function isOtlpDoor(address: string): Promise<boolean> {
  try {
    if (!(await accepts(new URL(address)))) return false;
    const answer = await fetch(`${address}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS),
    });
    await answer.arrayBuffer();
    // A door that is locked or overloaded is a door all the same; what it says shows in the progress line.
    return answer.ok || answer.headers.has('www-authenticate') || answer.headers.has('retry-after');
  } catch {
    return false;
  }
}

function accepts({ hostname, port, protocol }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    const socket = connect({
      host,
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      timeout: CONNECT_TIMEOUT_MS,
    });
    const done = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => done(true));
    socket.once('timeout', () => done(false));
    socket.once('error', () => done(false));
  });
}
