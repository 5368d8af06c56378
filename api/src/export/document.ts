import { type ExportFormat, type ExportType, exportRow } from '@command-center/contract/api/exports';
import type { TimeWindow } from '../requests/window.ts';
import { csvHeader, csvRow } from './csv.ts';
import type { FoundRows, Row } from './found.ts';

/** What a file is of. */
export interface ExportHead {
  readonly type: ExportType;
  readonly format: ExportFormat;
  readonly window: TimeWindow;
  readonly isTruncated: boolean;
}

export const mediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json',
};

/** `command-center-logs-20261124T140000Z-20261125T140000Z.csv`: ISO 8601 without what file systems refuse. */
export function fileName({ type, format, window }: ExportHead): string {
  const stamp = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `command-center-${type}-${stamp(window.fromMs)}-${stamp(window.toMs)}.${format}`;
}

/** A file in pieces: its head, before any row is read, then as many rows at a time as are read at once. */
export async function* documentOf(head: ExportHead, pages: FoundRows['pages']): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  const { first, between, rowText, last } = formats[head.format](head);
  yield encoder.encode(first);
  let isFirst = true;
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    yield encoder.encode((isFirst ? '' : between) + rows.map(rowText).join(between));
    isFirst = false;
  }
  if (last !== '') yield encoder.encode(last);
}

interface Texts {
  readonly first: string;
  readonly between: string;
  readonly rowText: (row: Row) => string;
  readonly last: string;
}

const formats: Readonly<Record<ExportFormat, (head: ExportHead) => Texts>> = {
  csv({ type }) {
    const columns = Object.keys(exportRow[type].shape);
    return { first: csvHeader(columns), between: '', rowText: (row) => csvRow(columns, row), last: '' };
  },
  json({ type, window, isTruncated }) {
    const from = new Date(window.fromMs).toISOString();
    const to = new Date(window.toMs).toISOString();
    const members = JSON.stringify({ type, from, to, truncated: isTruncated });
    return {
      first: `${members.slice(0, -1)},"rows":[\n`,
      between: ',\n',
      rowText: (row) => JSON.stringify(row),
      last: '\n]}\n',
    };
  },
};
