import { encodeJson } from '@command-center/sidecar/decode/testing/encodeJson';
import { encodeProtobuf } from '@command-center/sidecar/decode/testing/encodeProtobuf';
import type { MetricTree, ResourceTree, Trees } from '@command-center/sidecar/decode/testing/trees';
import type { Item, Lane } from './lanes.ts';

/** An export request of some of a lane's records. */
export function encodeRequest(
  lane: Pick<Lane, 'signal' | 'service'>,
  items: readonly Item[],
  isJson: boolean,
): Uint8Array<ArrayBuffer> {
  const encode = <S extends keyof Trees>(signal: S, tree: Trees[S]): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(isJson ? Buffer.from(encodeJson(signal, tree)) : encodeProtobuf(signal, tree));
  const under = <T>(children: readonly T[]): ResourceTree<T>[] => [
    {
      attributes: [{ key: 'service.name', value: lane.service }],
      scopes: [{ name: 'faults', version: '1', attributes: [], items: children }],
    },
  ];
  switch (lane.signal) {
    case 'metrics':
      return encode('metrics', under(metricTrees(items)));
    case 'logs':
      return encode('logs', under(items.flatMap((item) => (item.signal === 'logs' ? [item.log] : []))));
    case 'traces':
      return encode('traces', under(items.flatMap((item) => (item.signal === 'traces' ? [item.span] : []))));
  }
}

function metricTrees(items: readonly Item[]): MetricTree[] {
  const byName = Map.groupBy(
    items.flatMap((item) => (item.signal === 'metrics' ? [item] : [])),
    ({ metric }) => metric.name,
  );
  return [...byName.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first.metric, points: group.map(({ point }) => point) }];
  });
}
