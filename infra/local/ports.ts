import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Settings } from '@command-center/contract/settings/settings';
import { portOwner } from './portOwner.ts';

/** Where the all-in-one's OTLP doors go when a collector on this host has the usual ports (interfaces.md §5). */
const FALLBACK = { grpc: 14_317, http: 14_318 };

export interface OtlpPorts {
  readonly grpc: number;
  readonly http: number;
  /** What to tell about it; undefined where the usual ports were free. */
  readonly notice: string | undefined;
}

/** Thrown with a sentence that names variable, port and, where it can be found, the process. */
export class PortTakenError extends Error {
  constructor(variable: string, port: number) {
    const owner = portOwner(port);
    super(
      `${variable}: port ${port} is taken${owner === undefined ? '' : ` by ${owner}`}; end that, or set ${variable} to another port (0 = any free one)`,
    );
    this.name = 'PortTakenError';
  }
}

/** The ports to listen on: as set, else the usual ones, else `fallback`. */
export async function chooseOtlpPorts(settings: Settings, fallback = FALLBACK): Promise<OtlpPorts> {
  const { otlpHost: host, otlpGrpcPort: grpc, otlpHttpPort: http, given } = settings;
  const isFree = { grpc: await canListen(host, grpc), http: await canListen(host, http) };
  if (isFree.grpc && isFree.http) return { grpc, http, notice: undefined };
  if (!isFree.grpc && given.has('otlpGrpcPort')) throw new PortTakenError('COMMAND_CENTER_OTLP_GRPC_PORT', grpc);
  if (!isFree.http && given.has('otlpHttpPort')) throw new PortTakenError('COMMAND_CENTER_OTLP_HTTP_PORT', http);
  const chosen = {
    grpc: given.has('otlpGrpcPort') ? grpc : fallback.grpc,
    http: given.has('otlpHttpPort') ? http : fallback.http,
  };
  if (!(await canListen(host, chosen.grpc))) throw new PortTakenError('COMMAND_CENTER_OTLP_GRPC_PORT', chosen.grpc);
  if (!(await canListen(host, chosen.http))) throw new PortTakenError('COMMAND_CENTER_OTLP_HTTP_PORT', chosen.http);
  const owner = portOwner(isFree.grpc ? http : grpc);
  const taken = [isFree.grpc ? undefined : grpc, isFree.http ? undefined : http]
    .filter((port) => port !== undefined)
    .join(' and ');
  return {
    ...chosen,
    notice: `port ${taken} is taken${owner === undefined ? '' : ` by ${owner}`}: OTLP is on ${chosen.grpc} (gRPC) and ${chosen.http} (HTTP)`,
  };
}

/** Other failures than a taken port are left to the listener itself, which words them better. */
async function canListen(host: string, port: number): Promise<boolean> {
  if (port === 0) return true;
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE');
  }
}
