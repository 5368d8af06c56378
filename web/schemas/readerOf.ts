import type { z } from 'zod';
import type * as readers from './readers.ts';

/** No reader does what this schema does. */
export class NoReaderError extends Error {
  override readonly name = 'NoReaderError';
}

type Schema = z.core.$ZodType;

const reader = (name: keyof typeof readers): string => `read.${name}`;
/** Rolldown leaves out what is called like this and not used. */
const call = (name: keyof typeof readers, ...parts: readonly string[]): string =>
  `/* @__PURE__ */ ${reader(name)}(${parts.join(', ')})`;

/**
 * The expression that makes a schema's reader of readers.ts, which is called `read` there. `nameOf`: what stands for a schema that is defined elsewhere.
 * @throws NoReaderError
 */
export function readerOf(schema: Schema, nameOf: (schema: Schema) => string | undefined): string {
  const inner = (one: Schema): string => nameOf(one) ?? readerOf(one, nameOf);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'string':
      return stringOf(def);
    case 'number':
      return numberOf(def);
    case 'boolean':
      return reader('boolean');
    case 'enum':
      return call('oneOf', JSON.stringify(Object.values(def.entries)));
    case 'literal':
      return call('oneOf', JSON.stringify(def.values));
    case 'nullable':
    case 'optional':
      return call(def.type, inner(def.innerType));
    case 'default':
      return call('defaulting', inner(def.innerType), JSON.stringify(def.defaultValue));
    case 'array':
      refuseChecks(def);
      return call('array', inner(def.element));
    case 'record':
      if (readerOf(def.keyType, () => undefined) !== reader('string')) break;
      return call('record', inner(def.valueType));
    case 'union':
      return call('anyOf', `[${def.options.map(inner).join(', ')}]`);
    case 'object': {
      refuseChecks(def);
      if (def.catchall !== undefined) break;
      const members = Object.entries(def.shape).map(([key, member]) => `${JSON.stringify(key)}: ${inner(member)}`);
      return call('object', `{ ${members.join(', ')} }`);
    }
  }
  throw new NoReaderError(`no reader for a ${def.type} like this`);
}

function stringOf(def: z.core.$ZodStringDef & Partial<z.core.$ZodStringFormatDef>): string {
  refuseChecks(def);
  if (def.format === undefined) return reader('string');
  if (def.format === 'url') return reader('url');
  if (def.format === 'datetime' && def.pattern !== undefined) return call('matching', String(def.pattern));
  throw new NoReaderError(`no reader for the format ${def.format}`);
}

function numberOf(def: z.core.$ZodNumberDef & Partial<z.core.$ZodNumberFormatDef>): string {
  if (def.format === 'safeint') {
    refuseChecks(def);
    return reader('int');
  }
  const checks = (def.checks ?? []).map((check) => (check as z.core.$ZodChecks)._zod.def);
  const [least, most] = checks;
  if (def.format === undefined && least === undefined) return reader('number');
  const areBounds = least?.check === 'greater_than' && most?.check === 'less_than' && least.inclusive && most.inclusive;
  if (def.format === undefined && areBounds && checks.length === 2)
    return call('between', String(least.value), String(most.value));
  throw new NoReaderError('no reader for a number with such checks');
}

function refuseChecks(def: z.core.$ZodTypeDef): void {
  if ((def.checks ?? []).length > 0) throw new NoReaderError(`no reader for a ${def.type} with checks`);
}
