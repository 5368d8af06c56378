import type { Sql } from 'postgres';

/** Connections that are others from time to time: each use is one of what `of` answers then. */
export function currentSql(of: () => Sql): Sql {
  // Called as a tag and asked for its members, as the driver's own is.
  const target = (() => undefined) as unknown as Sql;
  return new Proxy(target, {
    apply: (_target, _self, args) => Reflect.apply(of() as unknown as () => unknown, undefined, args),
    get: (_target, name) => Reflect.get(of(), name),
  });
}
