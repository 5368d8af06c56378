/** The keys of the console, for the handler and for the list that `?` opens. */
export const keys = [
  { key: '1', words: 'Golden Signals' },
  { key: '2', words: 'Voice' },
  { key: '3', words: 'Infrastructure' },
  { key: '4', words: 'Logs' },
  { key: '5', words: 'Traces' },
  { key: '6', words: 'Intake' },
  { key: 't', words: 'Time range' },
  { key: '[', words: 'Earlier by half the range' },
  { key: ']', words: 'Later by half the range' },
  { key: 'r', words: 'Refresh now' },
  { key: 'p', words: 'Pause, go on' },
  { key: '/', words: 'Search the logs' },
  { key: 'i', words: 'Incident view' },
  { key: 'e', words: 'Export what is on screen' },
  { key: 'j', words: 'Next row' },
  { key: 'k', words: 'Row before' },
  { key: 'Enter', words: 'Open the row' },
  { key: 'd', words: 'Dark or light' },
  { key: 'K', words: 'Wall screen and back' },
  { key: '?', words: 'This list' },
  { key: 'Esc', words: 'Close, go back' },
] as const;

export type Key = (typeof keys)[number]['key'];

/** What a key press means here; null while somebody types, or with a modifier that belongs to browser or system. */
export function keyOf(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly isTyping: boolean;
}): Key | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const name = event.key === 'Escape' ? 'Esc' : event.key;
  if (event.isTyping && name !== 'Esc') return null;
  return keys.find(({ key }) => key === name)?.key ?? null;
}

/** Index of the row that `j` or `k` goes to; -1 where there is none. */
export function stepRow(current: number, step: 1 | -1, rows: number): number {
  if (rows === 0) return -1;
  if (current < 0) return step === 1 ? 0 : rows - 1;
  return Math.min(rows - 1, Math.max(0, current + step));
}
