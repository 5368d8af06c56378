import { basePath } from '@command-center/api/routes/paths';
import { routes } from '@command-center/api/routes/table';
import { livePath } from '@command-center/contract/live';
import { probeRoutes } from '@command-center/contract/routes';
import type { Finding } from '../finding.ts';
import { filesLike, linesOf, type TextFile } from './files.ts';

/** What answers a request: of the API as its table has it, of the sidecar as its files write it. */
interface Endpoint {
  readonly method: string;
  readonly path: string;
}

const sidecarFiles = /^sidecar\/src\/(operate\/operate|receive\/httpDoor)\.ts$/;
const grpcFiles = /^sidecar\/src\/receive\/grpc(Door|Health)\.ts$/;

/** Paths that the sidecar's own server and its HTTP door serve: keys of their tables. */
function sidecarEndpoints(files: readonly TextFile[]): Endpoint[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(/^ +'(\/[\w/]+)': /gm)].map(([, served = '']) => ({
      method: path.includes('/receive/') ? 'POST' : 'GET',
      path: served,
    })),
  );
}

/** Names of gRPC services, with their package. */
const grpcServices = (files: readonly TextFile[]): string[] =>
  files.flatMap(({ text }) =>
    [...text.matchAll(/'\/?((?:opentelemetry\.proto|grpc\.health)\.[\w.]+)/g)].map(([, name = '']) => name),
  );

const all: readonly Endpoint[] = [
  ...routes,
  ...sidecarEndpoints(filesLike(sidecarFiles)),
  { method: 'GET', path: livePath },
  // The console's page and, of a deployment, its other addresses.
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/command-center' },
];

/** Endpoints without a heading in docs/api.md. */
export function undocumentedEndpoints(
  page: string = filesLike(/^docs\/api\.md$/)[0]?.text ?? '',
  endpoints: readonly Endpoint[] = all,
  services: readonly string[] = grpcServices(filesLike(grpcFiles)),
): Finding[] {
  const has = ({ method, path }: Endpoint): boolean => page.includes(`\`${method} ${path}\``);
  const where = 'docs/api.md';
  return [
    ...endpoints
      .filter((each) => !has(each))
      .map(({ method, path }) => ({ where, what: `does not have ${method} ${path}` })),
    ...services.filter((name) => !page.includes(name)).map((name) => ({ where, what: `does not have ${name}` })),
  ];
}

/** Where files of a system lie, and what belongs to the examples of others: not paths that we serve. */
const notServed = /^\/(?:tmp|var|etc|usr|opt|run|dev|proc|home|root|srv|mnt|data|app|ecs|aws)(?:\/|$)|\.\w+$/;

function isServed(method: string | undefined, written: string): boolean {
  const path = written.replace(/[?#].*$/, '').replace(/(?<=.)\/$/, '');
  const asked = method === 'HEAD' ? 'GET' : method;
  const those = all.filter((each) => asked === undefined || each.method === asked).map((each) => each.path);
  if (path.endsWith('*')) return those.some((each) => each.startsWith(path.slice(0, -1)));
  // A folder of paths may be named too: `/auth` is forwarded with all below it.
  return (
    [path, `${basePath}${path}`].some((one) => those.some((each) => each === one || each.startsWith(`${one}/`))) ||
    probeRoutes.includes(path)
  );
}

const documents = /^(README|CONTRIBUTING|SECURITY)\.md$|^docs\/.*\.md$/;

/** Endpoints that documents name and nothing serves: with a method, below the base path, or alone in backticks. */
export function unknownEndpoints(files: readonly TextFile[] = filesLike(documents)): Finding[] {
  return linesOf(files).flatMap(({ where, line }) => {
    const named = [
      ...[...line.matchAll(/\b(GET|HEAD|POST|PUT|PATCH|DELETE) (\/[\w/.-]*\*?)(?![\w/.{-])/g)].map(
        ([, method, path = '']) => ({
          method,
          path,
        }),
      ),
      ...[...line.matchAll(/(?<!\b(?:GET|HEAD|POST|PUT|PATCH|DELETE) )(\/api\/[\w/.-]+\*?)/g)].map(([, path = '']) => ({
        method: undefined,
        path,
      })),
      ...[...line.matchAll(/`(\/[a-z][a-z-]+(?:\/[a-z-]+)*)(?:\?[^`]*)?`/g)].map(([, path = '']) => ({
        method: undefined,
        path,
      })),
    ];
    const unknown = named
      .map(({ method, path }) => ({ method, path: path.replace(/[.-]+$/, '') }))
      .filter(({ method, path }) => !notServed.test(path) && !isServed(method, path))
      .map(({ method, path }) => [method, path].join(' ').trim());
    return [...new Set(unknown)].map((name) => ({ where, what: `nothing serves ${name}` }));
  });
}
