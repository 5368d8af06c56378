import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from './containerfile.ts';

/** The keys of Compose that our file uses; another one is an error here before it is one on somebody's host. Source: the Compose Specification. */
const duration = z.string().regex(/^\d+(ms|s|m)$/);
const healthcheck = z.union([
  z.strictObject({ disable: z.literal(true) }),
  z.strictObject({
    test: z.tuple([z.literal('CMD'), z.string()], z.string()),
    interval: duration,
    timeout: duration,
    retries: z.int().positive(),
    start_period: duration.optional(),
  }),
]);
const condition = z.strictObject({
  condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
});
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()),
  depends_on: z.record(z.string(), condition).default({}),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'published on loopback alone')).default([]),
  volumes: z.array(z.string()).default([]),
  healthcheck: healthcheck.optional(),
  restart: z.enum(['no', 'unless-stopped']),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.array(z.string()),
  shm_size: z.string().optional(),
  mem_limit: z.string().optional(),
  stop_grace_period: duration.optional(),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }),
});
const file = z
  .object({
    name: z.string(),
    services: z.record(z.string(), service),
    volumes: z.record(z.string(), z.strictObject({})),
  })
  .refine((whole) =>
    Object.keys(whole).every((key) => ['name', 'services', 'volumes'].includes(key) || key.startsWith('x-')),
  );
export type ComposeService = z.infer<typeof service>;
export type ComposeFile = z.infer<typeof file>;

export const composePath = 'infra/containers/compose.yaml';

/** The file as Compose reads it with these variables. @throws Error that names a variable that is missing, with the words of the file. */
export function readCompose(variables: Readonly<Record<string, string>>): ComposeFile {
  const text = readFileSync(join(root, composePath), 'utf8');
  return file.parse(interpolated(parse(text, { merge: true }), variables));
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?words}`; an empty one counts as missing. */
function interpolated(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((each) => interpolated(each, variables));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, interpolated(each, variables)]));
  if (typeof value !== 'string') return value;
  return value.replaceAll(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_, name: string, kind: string | undefined, words: string) => {
      const found = variables[name] ?? '';
      if (found !== '') return found;
      if (kind === '-') return words;
      throw new Error(`required variable ${name} is missing a value: ${words ?? ''}`);
    },
  );
}

/** Each after those that it waits for. */
export function inOrder({ services }: ComposeFile): [string, ComposeService][] {
  const placed = new Map<string, ComposeService>();
  const rest = new Map(Object.entries(services));
  while (rest.size > 0) {
    const [next] = [...rest].filter(([, { depends_on }]) => Object.keys(depends_on).every((name) => placed.has(name)));
    if (next === undefined) throw new Error(`a circle among ${[...rest.keys()].join(', ')}`);
    placed.set(...next);
    rest.delete(next[0]);
  }
  return [...placed];
}
