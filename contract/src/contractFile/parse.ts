import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import type { z } from 'zod';
import { maxFileBytes, maxProblems } from './limits.ts';
import { meaningProblems } from './meaning.ts';
import type { Path } from './problem.ts';
import { type ContractFile, contractFile } from './schema.ts';

/** What is wrong with a file, and where. */
export interface FileProblem {
  readonly line: number;
  /** `metrics[0].labels[1]`; '' = the file as a whole. */
  readonly key: string;
  readonly what: string;
}

export type ParsedContractFile =
  | { readonly isValid: true; readonly file: ContractFile }
  | { readonly isValid: false; readonly problems: readonly FileProblem[] };

/** Anchors of a sane file; more are a bomb. */
const maxAliasCount = 100;

/** Reads the YAML of a contract file and checks all of it; every problem with its line and key. Source: contract.md §1, §4, §6. */
export function parseContractFile(source: string): ParsedContractFile {
  if (source.length > maxFileBytes) return invalid([{ line: 1, key: '', what: `is over ${maxFileBytes} bytes` }]);
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    line: lines.linePos(pos[0]).line,
    key: '',
    what: `is not YAML: ${message.split('\n')[0]}`,
  }));
  if (faults.length > 0) return invalid(faults);
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    const what = `is empty; write ${Object.keys(contractFile.shape).join(', ')}, or leave the variable unset`;
    return invalid([{ line: 1, key: '', what }]);
  }
  const problemAt = (path: Path, what: string): FileProblem => ({
    line: lineOf(document, lines, path),
    key: keyOf(path),
    what,
  });
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount });
  } catch (error) {
    return invalid([problemAt([], `is not YAML: ${error instanceof Error ? error.message : String(error)}`)]);
  }
  const shaped = contractFile.safeParse(value);
  if (!shaped.success) {
    return invalid(
      shaped.error.issues.flatMap((issue) => shapeProblems(issue, value)).map(([path, what]) => problemAt(path, what)),
    );
  }
  const problems = meaningProblems(shaped.data).map(({ path, what }) => problemAt(path, what));
  return problems.length > 0 ? invalid(problems) : { isValid: true, file: shaped.data };
}

function invalid(problems: readonly FileProblem[]): ParsedContractFile {
  return { isValid: false, problems: problems.toSorted((a, b) => a.line - b.line).slice(0, maxProblems) };
}

function shapeProblems(issue: z.core.$ZodIssue, value: unknown): (readonly [Path, string])[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => [[...path, key], `is not known; ${issue.message}`]);
  }
  if (path.length > 0 && valueAt(value, path) === undefined) return [[path, 'is missing']];
  if (issue.code === 'invalid_value') return [[path, `allowed are ${issue.values.map(String).join(', ')}`]];
  return [[path, issue.message]];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined),
    value,
  );
}

function keyOf(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

/** The line of a key, or of what comes nearest above it: a missing key has no line of its own. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: Path): number {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap<Node, Node | null>(node)) {
      const pair: Pair<Node, Node | null> | undefined = node.items.find(
        ({ key }) => isScalar(key) && key.value === step,
      );
      if (pair === undefined) break;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq<Node>(node) && typeof step === 'number') {
      node = node.items[step];
      offset = node?.range?.[0] ?? offset;
    } else break;
  }
  return lines.linePos(offset).line;
}
