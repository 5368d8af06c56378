/** One environment variable. Documents, the example file and start-up errors are made from these rows. */
export interface SettingRow<T = unknown> {
  readonly name: string;
  readonly type: string;
  /** What a refused value is told. */
  readonly allowed: string;
  /** '' = none. */
  readonly unit: string;
  readonly fallback: T;
  /** The default as documents show it. */
  readonly defaultText: string;
  readonly meaning: string;
  /** Its value is never printed. */
  readonly isSecret: boolean;
  /** Known, but this version does not do it yet: a value is refused, never silently without effect. */
  readonly isPlanned: boolean;
  /** undefined = not allowed. Never called with ''. */
  readonly parse: (raw: string) => T | undefined;
}

interface Spec<F> {
  readonly name: string;
  readonly meaning: string;
  readonly fallback: F;
  readonly defaultText?: string;
  readonly unit?: string;
  readonly isSecret?: boolean;
  readonly isPlanned?: boolean;
}

function row<T, F>(
  spec: Spec<F>,
  type: string,
  allowed: string,
  parse: (raw: string) => T | undefined,
): SettingRow<T | F> {
  const { name, meaning, fallback } = spec;
  return {
    name,
    type,
    allowed,
    unit: spec.unit ?? '',
    fallback,
    defaultText: spec.defaultText ?? (fallback === undefined ? 'none' : String(fallback)),
    meaning,
    isSecret: spec.isSecret ?? false,
    isPlanned: spec.isPlanned ?? false,
    parse,
  };
}

const matching = (pattern: RegExp) => (raw: string) => (pattern.test(raw) ? raw : undefined);

/** Longer values are a mistake, and would be carried through every message. */
const maxValueLength = 4_096;

export function text<F>(spec: Spec<F>): SettingRow<string | F> {
  return row(spec, 'text', `text of at most ${maxValueLength} characters`, (raw) =>
    raw.length <= maxValueLength ? raw : undefined,
  );
}

/** What one variable of a Worker holds, and more than one of a Lambda function does. */
const maxYamlLength = 5_120;

/** A file's text in place of its path. */
export function yaml<F>(spec: Spec<F>): SettingRow<string | F> {
  return row(spec, 'YAML', `YAML of at most ${maxYamlLength} characters`, (raw) =>
    raw.length <= maxYamlLength ? raw : undefined,
  );
}

export function file<F>(spec: Spec<F>): SettingRow<string | F> {
  return row(spec, 'path', 'the path of a file or folder', matching(/^[^\0]{1,4096}$/));
}

/** Visible ASCII without spaces, as a bearer token or key must be. */
export function secret<F>(spec: Spec<F> & { readonly minLength: number }): SettingRow<string | F> {
  const { minLength } = spec;
  return row(
    { ...spec, isSecret: true },
    'secret',
    `${minLength} to 1024 visible ASCII characters without spaces`,
    (raw) => (raw.length >= minLength && /^[!-~]{1,1024}$/.test(raw) ? raw : undefined),
  );
}

/** A secret that others made: any text in one line. */
export function phrase<F>(spec: Spec<F>): SettingRow<string | F> {
  return row({ ...spec, isSecret: true }, 'secret', '1 to 1024 characters in one line', (raw) =>
    /^[^\p{Cc}]{1,1024}$/u.test(raw) ? raw : undefined,
  );
}

export function integer<F>(spec: Spec<F> & { readonly min: number; readonly max: number }): SettingRow<number | F> {
  return row(spec, 'integer', `a whole number from ${spec.min} to ${spec.max}`, (raw) => {
    const value = /^\d{1,15}$/.test(raw) ? Number(raw) : Number.NaN;
    return value >= spec.min && value <= spec.max ? value : undefined;
  });
}

export function decimal<F>(spec: Spec<F> & { readonly min: number; readonly max: number }): SettingRow<number | F> {
  return row(spec, 'number', `a number from ${spec.min} to ${spec.max}`, (raw) => {
    const value = /^\d{1,15}(\.\d{1,15})?$/.test(raw) ? Number(raw) : Number.NaN;
    return value >= spec.min && value <= spec.max ? value : undefined;
  });
}

export function port<F>(spec: Spec<F>): SettingRow<number | F> {
  const parsed = integer({ ...spec, min: 0, max: 65_535 });
  return { ...parsed, type: 'port', allowed: 'a port, 0 to 65535 (0 = any free port)' };
}

const byteUnits: Readonly<Record<string, number>> = { '': 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** A plain number of bytes, or one with B, KiB, MiB or GiB. */
export function bytes<F>(spec: Spec<F> & { readonly max: number }): SettingRow<number | F> {
  return row(
    { ...spec, unit: 'bytes' },
    'bytes',
    `1 to ${spec.max} bytes, as a whole number or with B, KiB, MiB or GiB (67108864, 64MiB)`,
    (raw) => {
      const parts = /^(\d{1,15}) ?([KMG]i)?(B)?$/.exec(raw);
      const factor = byteUnits[`${parts?.[2] ?? ''}${parts?.[3] ?? ''}`];
      const value = parts === null || factor === undefined ? Number.NaN : Number(parts[1]) * factor;
      return value >= 1 && value <= spec.max ? value : undefined;
    },
  );
}

const booleans: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

export function flag(spec: Spec<boolean>): SettingRow<boolean> {
  return row(spec, 'boolean', 'true or false (1 or 0)', (raw) => booleans[raw.toLowerCase()]);
}

export function choice<V extends string>(spec: Spec<V> & { readonly values: readonly V[] }): SettingRow<V> {
  return row(spec, 'choice', `one of ${spec.values.join(', ')}`, (raw) => spec.values.find((value) => value === raw));
}

function isUrl(raw: string, protocols: readonly string[]): boolean {
  if (raw.length > maxValueLength || !URL.canParse(raw)) return false;
  const url = new URL(raw);
  return protocols.includes(url.protocol) && url.hostname !== '';
}

/** An absolute URL of one of the protocols (`http:`). */
export function url<F>(spec: Spec<F> & { readonly protocols: readonly string[] }): SettingRow<string | F> {
  const allowed = `an absolute URL that begins with ${spec.protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  return row(spec, 'URL', allowed, (raw) => (isUrl(raw, spec.protocols) ? raw : undefined));
}

/** Host lists and socket folders are legal in Postgres URLs and no URL parser reads them: only the scheme is checked. It may hold a password. */
export function postgresUrl<F>(spec: Spec<F>): SettingRow<string | F> {
  const allowed = 'postgres://user:password@host:5432/database';
  return row({ ...spec, isSecret: true }, 'URL', allowed, matching(/^postgres(ql)?:\/\/[^\s\0]{1,4000}$/));
}

/** A host name or address to listen on. */
export function host<F>(spec: Spec<F>): SettingRow<string | F> {
  return row(spec, 'host', 'a host name or an IP address without port', matching(/^[0-9A-Za-z:.%_-]{1,253}$/));
}

const maxHeaders = 32;

/** `key1=value1,key2=value2`, values percent-encoded (OpenTelemetry, "OTLP Exporter Configuration"). They hold tokens. */
export function headers<F>(spec: Spec<F>): SettingRow<Readonly<Record<string, string>> | F> {
  const allowed = `at most ${maxHeaders} headers as key1=value1,key2=value2, values percent-encoded`;
  return row({ ...spec, isSecret: true }, 'headers', allowed, (raw) => {
    const pairs = raw.split(',').map((pair) => pair.trim());
    if (raw.length > maxValueLength || pairs.length > maxHeaders) return undefined;
    const parsed = pairs.map((pair) => /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) *= *((?:[!-~]|%[0-9A-Fa-f]{2})*)$/.exec(pair));
    const entries = parsed.flatMap((match) => (match === null ? [] : [[match[1] ?? '', decoded(match[2] ?? '')]]));
    const isFine = entries.length === pairs.length && entries.every(([, value]) => /^[\t -~]*$/.test(value ?? '\n'));
    return isFine ? Object.fromEntries(entries) : undefined;
  });
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const maxOrigins = 32;

/** Origins (`https://host[:port]`), separated by commas or spaces. */
export function origins(spec: Spec<readonly string[]>): SettingRow<readonly string[]> {
  const allowed = `at most ${maxOrigins} origins such as https://console.example.com, separated by commas`;
  return row(spec, 'list', allowed, (raw) => {
    const list = raw.split(/[\s,]+/).filter((part) => part !== '');
    const isFine = list.length <= maxOrigins && list.every((part) => isUrl(part, ['http:', 'https:']));
    // An origin has no path: compared with what a browser sends, `https://a/` would never match.
    return isFine ? list.map((part) => new URL(part).origin) : undefined;
  });
}
