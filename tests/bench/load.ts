import { gzipSync } from 'node:zlib';
import {
  attributeList,
  double,
  fixed64,
  type IntValue,
  message,
  nanos,
  packedFixed64,
  text,
  varint,
} from './encode.ts';

/**
 * What a collector pushes, as its exporter writes it: gzip bodies of 8,192 items with 5 to 8 attributes over more than 50,000 streams. Times and
 * values move on with every round: identical bodies would measure how fast duplicates are recognised.
 */

export const ITEMS_PER_BODY = 8_192;
/** Senders (resources) and streams of one metric each: 57,344 streams, below the 2,000 a metric and sender may have. */
const RESOURCES = 32;
const STREAMS_PER_RESOURCE = 1_792;
export const BODIES_PER_ROUND = (RESOURCES * STREAMS_PER_RESOURCE) / ITEMS_PER_BODY;
const SERVICES = ['orders', 'checkout', 'gateway', 'accounts'];
const ROUTES = 12;
const METHODS = ['GET', 'POST'];
const STEP_MS = 10_000;
/** 16 buckets. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30];

export interface Load {
  readonly name: string;
  readonly signal: 'metrics' | 'logs' | 'traces';
  /** An Export*ServiceRequest; `round` from 0, `body` from 0 to BODIES_PER_ROUND - 1. */
  body(round: number, body: number): Buffer;
}

export function compressed(bytes: Uint8Array): Buffer {
  return gzipSync(bytes);
}

/** The loads, whose data begins at `startMs`. */
export function loads(startMs: number): readonly Load[] {
  const times = (round: number) => ({ start: nanos(startMs), time: nanos(startMs + (round + 1) * STEP_MS) });
  const numbers = (name: string, metricName: string, unit: string, shape: NumberShape): Load => {
    const attributes = streamsOf((stream) => attributeList(7, shape.attributes(stream)));
    return metricLoad(name, (round, body) => {
      const { start, time } = times(round);
      return metricsBody(
        body,
        (stream) => {
          const own = attributes[stream] ?? Buffer.alloc(0);
          const value = shape.valueField(stream, round);
          return message(1, fixed64(2, shape.hasStart ? start : 0n), fixed64(3, time), value, own);
        },
        metricName,
        unit,
        shape.wrap,
      );
    });
  };
  return [
    numbers('gauges', 'process.memory.usage', 'By', {
      hasStart: false,
      attributes: processAttributes,
      valueField: (stream, round) => double(4, 1e8 + ((stream * 7_919 + round * 104_729) % 9_000_000)),
      wrap: (points) => message(5, points),
    }),
    numbers('up-down counters', 'db.client.connection.count', '{connection}', {
      hasStart: true,
      attributes: poolAttributes,
      valueField: (stream, round) => fixed64(6, BigInt((stream * 31 + round * 17) % 40)),
      wrap: (points) => message(7, points, varint(2, 2)),
    }),
    numbers('counters', 'kaiku_http_requests_total', '{request}', {
      hasStart: true,
      attributes: requestAttributes,
      valueField: (stream, round) => double(4, (round + 1) * (1 + (stream % 9))),
      wrap: (points) => message(7, points, varint(2, 2), varint(3, 1)),
    }),
    histogramLoad(times),
    logLoad(startMs),
    spanLoad(startMs),
  ];
}

interface NumberShape {
  readonly hasStart: boolean;
  readonly attributes: (stream: number) => Readonly<Record<string, string | IntValue>>;
  readonly valueField: (stream: number, round: number) => Buffer;
  readonly wrap: (points: Buffer) => Buffer;
}

function metricLoad(name: string, body: Load['body']): Load {
  return { name, signal: 'metrics', body };
}

function streamsOf<T>(make: (stream: number) => T): T[] {
  return Array.from({ length: RESOURCES * STREAMS_PER_RESOURCE }, (_, stream) => make(stream));
}

/** The streams of one body, a ResourceMetrics for each sender that they belong to. */
function metricsBody(
  body: number,
  pointOf: (stream: number) => Buffer,
  metricName: string,
  unit: string,
  wrap: (points: Buffer) => Buffer,
): Buffer {
  const first = body * ITEMS_PER_BODY;
  const groups: Buffer[] = [];
  for (let stream = first; stream < first + ITEMS_PER_BODY; ) {
    const sender = Math.floor(stream / STREAMS_PER_RESOURCE);
    const end = Math.min((sender + 1) * STREAMS_PER_RESOURCE, first + ITEMS_PER_BODY);
    const points: Buffer[] = [];
    for (; stream < end; stream += 1) points.push(pointOf(stream));
    const metric = message(2, text(1, metricName), text(2, 'a load'), text(3, unit), wrap(Buffer.concat(points)));
    groups.push(message(1, resource(sender), message(2, SCOPE, metric)));
  }
  return Buffer.concat(groups);
}

const SCOPE = message(1, text(1, 'io.opentelemetry.bench'), text(2, '1.4.0'));

function resource(sender: number): Buffer {
  return message(
    1,
    attributeList(1, {
      'service.name': SERVICES[sender % SERVICES.length] ?? '',
      'service.instance.id': `7f1c2f0e-5f0b-4b1e-9a53-0000000000${sender + 10}`,
      'service.version': '4.7.1',
      'deployment.environment.name': 'production',
      'host.name': `node-${sender}.cluster.example`,
      'telemetry.sdk.language': 'go',
    }),
  );
}

function requestAttributes(stream: number): Record<string, string | IntValue> {
  return {
    'http.request.method': METHODS[stream % METHODS.length] ?? '',
    'http.route': `/api/v1/resource${Math.floor(stream / 2) % ROUTES}/{id}`,
    'http.response.status_code': { int: stream % 16 === 0 ? 500 : 200 },
    'url.scheme': 'https',
    'network.protocol.version': '1.1',
    'server.address': `host-${Math.floor(stream / 24) % 100}.example`,
    'server.port': { int: 8_000 + (Math.floor(stream / 2_400) % 64) },
  };
}

function poolAttributes(stream: number): Record<string, string | IntValue> {
  return {
    'db.client.connection.state': stream % 2 === 0 ? 'idle' : 'used',
    'db.client.connection.pool.name': `pool-${Math.floor(stream / 2) % 1_000}`,
    'db.system.name': 'postgresql',
    'server.address': `db-${stream % 40}.example`,
    'server.port': { int: 5_432 },
  };
}

function processAttributes(stream: number): Record<string, string | IntValue> {
  return {
    'process.pid': { int: 1_000 + (stream % STREAMS_PER_RESOURCE) },
    'process.executable.name': 'worker',
    'k8s.namespace.name': 'production',
    'k8s.pod.name': `worker-6d4cf56db6-${stream % 512}`,
    'k8s.container.name': 'worker',
    'os.type': 'linux',
  };
}

function histogramLoad(times: (round: number) => { start: bigint; time: bigint }): Load {
  const attributes = streamsOf((stream) => attributeList(9, requestAttributes(stream)));
  const bounds = Buffer.concat(BOUNDS.map((bound) => double(0, bound).subarray(1)));
  return metricLoad('explicit histograms', (round, body) => {
    const { start, time } = times(round);
    return metricsBody(
      body,
      (stream) => {
        const counts = [0, ...BOUNDS].map((_, bucket) => (round + 1) * ((stream + bucket) % 4));
        const count = counts.reduce((sum, one) => sum + one, 0);
        return message(
          1,
          fixed64(2, start),
          fixed64(3, time),
          fixed64(4, BigInt(count)),
          double(5, count * 0.04),
          packedFixed64(6, counts),
          message(7, bounds),
          attributes[stream] ?? Buffer.alloc(0),
        );
      },
      'http.server.request.duration',
      's',
      (points) => message(9, points, varint(2, 2)),
    );
  });
}

function idBytes(round: number, item: number, length: 8 | 16): Buffer {
  const id = Buffer.alloc(length, 0x5a);
  id.writeUInt32BE(round + 1, 0);
  id.writeUInt32BE(item + 1, 4);
  return id;
}

/** One of ten is a WARN or an ERROR; the rest is what applications chatter. */
function logLoad(startMs: number): Load {
  const body = (round: number, bodyIndex: number): Buffer => {
    const records = Array.from({ length: ITEMS_PER_BODY }, (_, index) => {
      const item = bodyIndex * ITEMS_PER_BODY + index;
      const isKept = index % 10 === 0;
      const time = nanos(startMs + round * STEP_MS) + BigInt(item) * 150_000n;
      const said = isKept
        ? `payment provider answered ${500 + (item % 4)} after ${item % 7} attempts for order ${item % 97}`
        : `GET /api/v1/resource${item % ROUTES}/${item % 4_000} completed in ${item % 90} ms`;
      return message(
        2,
        fixed64(1, time),
        varint(2, isKept ? (index % 20 === 0 ? 17 : 13) : 9),
        text(3, isKept ? 'ERROR' : 'INFO'),
        message(5, text(1, said)),
        attributeList(6, {
          'code.function.name': 'handlers.Orders.Create',
          'http.route': `/api/v1/resource${item % ROUTES}/{id}`,
          'exception.type': 'PaymentError',
          'thread.id': { int: item % 16 },
          request_id: `req-${item}`,
        }),
        message(9, idBytes(round, item, 16)),
        message(10, idBytes(round, item, 8)),
        fixed64(11, time),
      );
    });
    return message(1, resource(bodyIndex), message(2, SCOPE, ...records));
  };
  return { name: 'logs', signal: 'logs', body };
}

/** Of ten spans one is a server's, one an HTTP client's, three a database's and five are inner ones; all end below every threshold. */
function spanLoad(startMs: number): Load {
  const body = (round: number, bodyIndex: number): Buffer => {
    const spans = Array.from({ length: ITEMS_PER_BODY }, (_, index) => {
      const item = bodyIndex * ITEMS_PER_BODY + index;
      const { kind, name, attributes } = spanShape(index % 10, item);
      const start = nanos(startMs + round * STEP_MS) + BigInt(item) * 150_000n;
      return message(
        2,
        message(1, idBytes(round, Math.floor(item / 10), 16)),
        message(2, idBytes(round, item, 8)),
        message(4, idBytes(round, item + 1, 8)),
        text(5, name),
        varint(6, kind),
        fixed64(7, start),
        fixed64(8, start + BigInt(1 + (item % 60)) * 1_000_000n),
        attributeList(9, attributes),
        message(15, varint(3, 0)),
      );
    });
    return message(1, resource(bodyIndex), message(2, SCOPE, ...spans));
  };
  return { name: 'spans', signal: 'traces', body };
}

function spanShape(place: number, item: number) {
  if (place < 2) {
    return {
      kind: place === 0 ? 2 : 3,
      name: `GET /api/v1/resource${item % ROUTES}/{id}`,
      attributes: requestAttributes(item % 16 === 0 ? item + 1 : item),
    };
  }
  if (place < 5) {
    return {
      kind: 3,
      name: `SELECT table${item % 30}`,
      attributes: {
        'db.system.name': 'postgresql',
        'db.operation.name': 'SELECT',
        'db.collection.name': `table${item % 30}`,
        'db.namespace': 'shop',
        'server.address': `db-${item % 40}.example`,
      },
    };
  }
  return {
    kind: 1,
    name: `load ${item % 30}`,
    attributes: {
      'code.function.name': `shop.Cart.load${item % 30}`,
      'code.file.path': 'src/shop/cart.go',
      'code.line.number': { int: item % 400 },
      'thread.id': { int: item % 16 },
      'cart.items': { int: item % 9 },
    },
  };
}
