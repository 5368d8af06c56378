import { encodeProtobuf } from '../../decode/testing/encodeProtobuf.ts';
import type { Trees } from '../../decode/testing/trees.ts';
import type { Door } from '../door.ts';

export const protobufType = 'application/x-protobuf';
export const jsonType = 'application/json';

const logs: Trees['logs'] = [
  {
    attributes: [{ key: 'service.name', value: 'chat' }],
    scopes: [
      {
        name: '',
        version: '',
        attributes: [],
        items: [
          {
            timeUnixNano: 1n,
            observedTimeUnixNano: 0n,
            severityNumber: 17,
            severityText: '',
            eventName: '',
            body: 'boom',
            attributes: [],
            flags: 0,
            traceId: new Uint8Array(),
            spanId: new Uint8Array(),
          },
        ],
      },
    ],
  },
];
/** A request of one log record, whose body is `boom`. */
export const logsProtobuf = Buffer.from(encodeProtobuf('logs', logs));

export function postTo(
  door: Door,
  path: string,
  type: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`http://${door.host}:${door.port}${path}`, {
    method: 'POST',
    redirect: 'error',
    body: new Uint8Array(Buffer.from(body)),
    headers: { 'content-type': type, ...headers },
  });
}
