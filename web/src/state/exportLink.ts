import type { ExportFormat, ExportType } from '@command-center/contract/api/exports';
import { apiPath, pathOf } from './request.ts';

/** What chooses the rows of an export: the filters of its type and the time (docs/exports.md). */
export type ExportParameters = Readonly<Record<string, string | readonly string[]>>;

/** Where the file lies; a browser that follows it saves it. */
export function exportLink(type: ExportType, format: ExportFormat, parameters: ExportParameters): string {
  return apiPath + pathOf('/export', { type, format, ...parameters });
}
