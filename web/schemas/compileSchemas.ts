import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { normalizePath, type Plugin } from 'vite';
import { z } from 'zod';
import { NoReaderError, readerOf } from './readerOf.ts';

const pathOf = (relative: string): string => normalizePath(fileURLToPath(new URL(relative, import.meta.url)));
const contract = pathOf('../../contract/src/');

/** Files of the contract that hold schemas of the wire. */
export const schemaFiles: readonly string[] = [
  ...readdirSync(`${contract}api`).map((file) => `${contract}api/${file}`),
  `${contract}events.ts`,
];

/**
 * Loads schemas of the wire as readers (readers.ts), so that the console needs no zod. What has no reader is not exported, and importing it fails the
 * build. Under `vite` a change of the contract shows after a restart.
 */
export function compileSchemas(): Plugin {
  return {
    name: 'compile-schemas',
    enforce: 'pre',
    resolveId(id) {
      if (id === 'zod') this.error('the console loads no zod: import types of it, or schemas of contract/src/api');
    },
    async load(id) {
      if (!schemaFiles.includes(id)) return null;
      const modules = await Promise.all(
        schemaFiles.map(async (file) => {
          const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
          return { file, exported };
        }),
      );
      return { code: moduleOf(id, modules), moduleType: 'js' };
    },
  };
}

interface SchemaModule {
  readonly file: string;
  readonly exported: Readonly<Record<string, unknown>>;
}

/** The module that stands for `file`: its exports in an order in which each finds those that it is made of. */
function moduleOf(file: string, modules: readonly SchemaModule[]): string {
  const homes = new Map(
    modules.flatMap(({ file, exported }) => Object.entries(exported).map(([name, value]) => [value, { file, name }])),
  );
  const imports = new Set([`import * as read from ${JSON.stringify(pathOf('readers.ts'))};`]);
  const lines = new Map<string, string>();
  const nameOf = (schema: unknown): string | undefined => {
    const home = homes.get(schema);
    if (home === undefined) return undefined;
    if (home.file === file) define(home.name, schema);
    else imports.add(`import { ${home.name} } from ${JSON.stringify(home.file)};`);
    return home.name;
  };
  const define = (name: string, value: unknown): void => {
    if (!lines.has(name)) lines.set(name, exportOf(name, value, nameOf));
  };
  const own = modules.find((module) => module.file === file);
  for (const [name, value] of Object.entries(own?.exported ?? {})) define(name, value);
  return [...imports, ...lines.values()].join('\n');
}

function exportOf(name: string, value: unknown, nameOf: (schema: unknown) => string | undefined): string {
  if (typeof value === 'function') return `// ${name} is a function`;
  if (!(value instanceof z.ZodType)) return `export const ${name} = ${JSON.stringify(value)};`;
  try {
    const options = value instanceof z.ZodEnum ? `, ${JSON.stringify(value.options)}` : '';
    return `export const ${name} = /* @__PURE__ */ read.schema(${readerOf(value, nameOf)}${options});`;
  } catch (error) {
    if (error instanceof NoReaderError) return `// ${name}: ${error.message}`;
    throw error;
  }
}
