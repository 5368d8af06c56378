/** A table or view of the database, as drizzle/schema.sql (the dump of a migrated one) has it. */
export interface Relation {
  readonly name: string;
  readonly isView: boolean;
  readonly columns: readonly string[];
  /** Those of them that are times. A view's are not known. */
  readonly times: readonly string[];
}

/** Reads the dump: what a table has and what a view answers. Anything else in it is passed over. */
export function relationsOf(dump: string): Relation[] {
  return dump.split(/;\n\n?/).flatMap((statement) => {
    const text = statement.replaceAll(/^--.*$/gm, '').trim();
    const [, table] = /^CREATE TABLE (?:public\.)?(\w+)/.exec(text) ?? [];
    if (table !== undefined) return [tableOf(table, text)];
    const [, view] = /^CREATE VIEW (?:public\.)?(\w+)/.exec(text) ?? [];
    return view === undefined ? [] : [{ name: view, isView: true, columns: answeredBy(text), times: [] }];
  });
}

function tableOf(name: string, text: string): Relation {
  const lines = [...text.matchAll(/^ {2}"?(\w+)"? (.+?),?$/gm)].filter(([, column]) => column !== 'CONSTRAINT');
  return {
    name,
    isView: false,
    columns: lines.map(([, column = '']) => column),
    times: lines.filter(([, , type = '']) => type.startsWith('timestamp')).map(([, column = '']) => column),
  };
}

/** Every name that a SELECT of the view gives a column, those of its inner ones too: no harm in looking at more. */
function answeredBy(text: string): string[] {
  const named = [...text.matchAll(/\bAS "?(\w+)"?,?$/gm)].map(([, column = '']) => column);
  const taken = [...text.matchAll(/^ *(?:SELECT )?(?:\w+\.)?(\w+),?$/gm)].map(([, column = '']) => column);
  return [...new Set([...named, ...taken])];
}
