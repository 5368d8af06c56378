/** A table of flat rows as CSV (RFC 4180: CRLF, quotes doubled), a header first. */

const lineEnd = '\r\n';
/** What makes a spreadsheet take a text for a formula (OWASP, "CSV Injection"). */
const formula = /^[=+\-@\t\r]/;
const special = /[",\r\n]/;

export function csvHeader(columns: readonly string[]): string {
  return columns.join(',') + lineEnd;
}

export function csvRow(columns: readonly string[], row: Readonly<Record<string, unknown>>): string {
  return columns.map((column) => cell(row[column])).join(',') + lineEnd;
}

/** Absent is empty, an empty text is quoted, an object is JSON; texts alone are neutralised, numbers never. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value === '' ? '""' : quoted(formula.test(value) ? `'${value}` : value);
  return quoted(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function quoted(text: string): string {
  return special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
