import { createServer } from 'node:net';
import type { ReasonCode } from '@command-center/contract/reasons';
import type { Signal } from '../../decode/records.ts';
import type { DecodedRequest } from '../../decode/request.ts';
import type { DoorOptions } from '../door.ts';
import type { Exporter, ExportResult } from '../export.ts';

/** An exporter that keeps what it is given and answers as told. */
export interface RecordingExporter extends Exporter {
  readonly requests: DecodedRequest[];
  /** What every call is answered until it is set anew; a function may wait. */
  answer: (request: DecodedRequest) => ExportResult | Promise<ExportResult>;
  /** Bytes reserved now, and the most that ever were. */
  reservedBytes: number;
  peakBytes: number;
}

export const stored: ExportResult = { outcome: 'stored', rejected: 0, message: '' };

export function recordingExporter(limitBytes = 256 * 2 ** 20): RecordingExporter {
  const exporter: RecordingExporter = {
    requests: [],
    answer: () => stored,
    reservedBytes: 0,
    peakBytes: 0,
    reserve(bytes) {
      if (exporter.reservedBytes > 0 && exporter.reservedBytes + bytes > limitBytes) return false;
      exporter.reservedBytes += bytes;
      exporter.peakBytes = Math.max(exporter.peakBytes, exporter.reservedBytes);
      return true;
    },
    release(bytes) {
      exporter.reservedBytes -= bytes;
    },
    async export(request) {
      exporter.requests.push(request);
      return exporter.answer(request);
    },
  };
  return exporter;
}

export interface Recording {
  readonly options: DoorOptions;
  readonly refused: [Signal, ReasonCode][];
  readonly logged: string[];
}

/** Options of a door on any free port of loopback, and what it reports. */
export function recordingOptions(settings: Partial<DoorOptions['settings']> = {}): Recording {
  const refused: [Signal, ReasonCode][] = [];
  const logged: string[] = [];
  return {
    refused,
    logged,
    options: {
      settings: {
        otlpHost: '127.0.0.1',
        otlpGrpcPort: 0,
        otlpHttpPort: 0,
        otlpToken: undefined,
        otlpTokenPrevious: undefined,
        otlpTlsCert: undefined,
        otlpTlsKey: undefined,
        otlpTlsClientCa: undefined,
        otlpMaxBodyBytes: 2 ** 20,
        ...settings,
      },
      onRefused: (signal, reason) => refused.push([signal, reason]),
      log: (event, fields) => logged.push(`${event} ${JSON.stringify(fields)}`),
    },
  };
}

/** A port of loopback that something listens on until `close`. */
export async function takenPort(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return { port: bound.port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
