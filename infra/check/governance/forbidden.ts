import { documentOf } from '@command-center/api/openapi/document';
import { liveEvent } from '@command-center/contract/events';
import { isForbiddenKey } from '@command-center/contract/redaction/forbiddenKeys';
import { z } from 'zod';
import { forbiddenNameExceptions } from '../exceptions.ts';
import type { Finding } from '../finding.ts';
import { filesLike } from './files.ts';
import { type Relation, relationsOf } from './tables.ts';

/** In a column these name a person, though a sender's attribute of that name need not. */
const people = new Set(['actor', 'subject', 'person', 'identity', 'caller']);

/** A place that holds a name, as a finding says it. */
interface Named {
  readonly where: string;
  readonly name: string;
}

function columnsOf(relations: readonly Relation[]): Named[] {
  return relations.flatMap(({ name: relation, columns }) =>
    columns.map((name) => ({ where: `${relation}.${name}`, name })),
  );
}

/** Names of the members of a JSON schema, at any depth. */
function membersOf(schema: unknown, where: string): Named[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    const names =
      key === 'properties' && typeof value === 'object' && value !== null
        ? Object.keys(value).map((name) => ({ where: `${where}: ${name}`, name }))
        : [];
    return [...names, ...membersOf(value, where)];
  });
}

/** What callers of the API name and are answered, and what the live socket pushes. */
function wireNames(): Named[] {
  const { paths = {}, components } = documentOf('0');
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ where: `${method.toUpperCase()} ${path}`, operation })),
  );
  const parameters = z.object({ parameters: z.array(z.object({ name: z.string() })).default([]) });
  return [
    ...operations.flatMap(({ where, operation }) => [
      ...parameters.parse(operation).parameters.map(({ name }) => ({ where: `${where}: ${name}`, name })),
      ...membersOf(operation, where),
    ]),
    ...Object.entries(components?.schemas ?? {}).flatMap(([id, schema]) => membersOf(schema, id)),
    ...membersOf(z.toJSONSchema(liveEvent), 'live socket'),
  ];
}

/** Columns, parameters and members whose name says that they hold what no table may (contract/src/redaction/forbiddenKeys.ts). */
export function forbiddenNames(
  relations: readonly Relation[] = relationsOf(filesLike(/^drizzle\/schema\.sql$/)[0]?.text ?? ''),
  wire: readonly Named[] = wireNames(),
  allowed: Readonly<Record<string, string>> = forbiddenNameExceptions,
): Finding[] {
  const found = [
    ...columnsOf(relations).filter(({ name }) => isForbiddenKey(name) || people.has(name)),
    ...wire.filter(({ name }) => isForbiddenKey(name)),
  ];
  const needed = new Set(found.map(({ where }) => where));
  const findings = found
    .filter(({ where }) => !Object.hasOwn(allowed, where))
    .map(({ where, name }) => ({
      where,
      what: `${name} is a forbidden field (contract/src/redaction/forbiddenKeys.ts)`,
    }));
  const unneeded = Object.keys(allowed).filter((where) => !needed.has(where));
  return [...findings, ...unneeded.map((where) => ({ where, what: 'its exception is no longer needed' }))];
}
