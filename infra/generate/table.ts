/** A Markdown table; pipes and line breaks in cells are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

export const code = (text: string): string => `\`${text}\``;

/** What stands on top of every page made by a machine. */
export const noticeOf = (source: string): string =>
  `<!-- Written by \`npm run generate\` from ${source}; edit that. -->`;

export const notice = noticeOf('contract/src');
