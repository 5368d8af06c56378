import { createServer, type ServerResponse } from 'node:http';

/**
 * As much of a Kubernetes API server as a collector asks: lists and watches of pods, in the API's own form. Source: Kubernetes API
 * reference, "Pod", v1, and "Kubernetes API concepts", "Streaming lists".
 */
export interface KubernetesApi {
  /** For KUBECONFIG. */
  readonly config: string;
  /** From now on it answers; what was asked before is answered too. */
  open(): void;
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const owner = (kind: string, name: string) => ({
  apiVersion: 'apps/v1',
  kind,
  name,
  uid: `${name}-uid`,
  controller: true,
  blockOwnerDeletion: true,
});
const meta = (name: string, own: object) => ({
  name,
  namespace: 'shop',
  uid: `${name}-uid`,
  resourceVersion: '7',
  creationTimestamp: '2026-11-27T08:00:00Z',
  ...own,
});

interface List {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: object;
  readonly items: readonly object[];
}

/** One pod, whose address is loopback: whoever connects from there is it. */
const lists: Readonly<Record<string, List>> = {
  '/api/v1/pods': {
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '7' },
    items: [
      {
        metadata: meta('orders-5d9c-x7k2p', {
          labels: { 'pod-template-hash': '5d9c' },
          ownerReferences: [owner('ReplicaSet', 'orders-5d9c')],
        }),
        spec: { nodeName: 'node-1', containers: [{ name: 'orders', image: 'orders:1.0.0' }] },
        status: {
          phase: 'Running',
          podIP: '127.0.0.1',
          podIPs: [{ ip: '127.0.0.1' }],
          startTime: '2026-11-27T08:00:01Z',
        },
      },
    ],
  },
};

function initialEvents(pathname: string): string {
  const { apiVersion, kind, items } = lists[pathname] ?? { apiVersion: 'v1', kind: 'StatusList', items: [] };
  const one = { apiVersion, kind: kind.replace(/List$/, '') };
  const end = { metadata: { resourceVersion: '7', annotations: { 'k8s.io/initial-events-end': 'true' } } };
  const events = [
    ...items.map((item) => ({ type: 'ADDED', object: { ...one, ...item } })),
    { type: 'BOOKMARK', object: { ...one, ...end } },
  ];
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

export async function startKubernetesApi(): Promise<KubernetesApi> {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  const watches = new Set<ServerResponse>();
  let isOpen = false;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://api');
    asked.push(`${pathname}${searchParams.get('watch') === null ? '' : ' watch'}`);
    const answer = (): void => {
      if (searchParams.get('watch') !== null) {
        response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
        // A list in the form of a watch ("Streaming lists"): what there is, and a bookmark that ends it.
        if (searchParams.get('sendInitialEvents') === 'true') response.write(initialEvents(pathname));
        watches.add(response);
        return;
      }
      const list = lists[pathname];
      response.writeHead(list === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(list ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }),
      );
    };
    if (isOpen) answer();
    else waiting.push(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    config: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server: `http://127.0.0.1:${address.port}` } }],
      users: [{ name: 'collector', user: { token: 'of-the-service-account' } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'collector' } }],
      'current-context': 'test',
    }),
    open: () => {
      isOpen = true;
      for (const answer of waiting.splice(0)) answer();
    },
    asked,
    close: () => {
      for (const watch of watches) watch.end();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
