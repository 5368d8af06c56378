import { holds } from '../content.ts';
import { patternRule, type RedactionRule } from '../rule.ts';

/** Line ends, also as JSON escapes them. */
const lineEnds = /(\r?\n|\\r\\n|\\n)/;

/** A frame as JavaScript, Java, .NET, Python, Ruby, PHP, Go, Rust, Elixir, Perl and gdb print it. */
const frame =
  /^(?:\\t|\s){0,16}(?:at \S|File "|from \S{1,300}:\d|#\d{1,3} |\d{1,3}: |\.\.\. \d{1,4} more|goroutine \d|created by |stack backtrace:|Caused by: |(?:[\w./-]{1,300}\.go):\d|\([\w.-]{1,64} \d[\w.-]{0,32}\) \S|\S{1,300}\(.{0,300}\) called at )/;

/** Frames need the company of one of these: "at midnight" and "1: first" stand in prose. */
const unmistakable =
  /^(?:\\t|\s){0,16}(?:at .{0,400}(?:\(.{0,300}\)|:\d{1,6}(?::\d{1,6})?|in \S{1,300}:line \d)\s{0,4}$|at [\w.$<>/]{1,300}\([\w.]{1,100}:\d{1,6}\)|File ".{1,300}", line \d|from \S{1,300}:\d{1,6}:in |#\d{1,3} .{0,300}\(\d{1,6}\)|goroutine \d{1,9} \[|stack backtrace:|\S{1,300}\.go:\d{1,6}(?:\s|$)|\([\w.-]{1,64} \d[\w.-]{0,32}\) \S{1,300}:\d{1,6}: |\S{1,300}\(.{0,300}\) called at \S|#\d{1,3} .{0,300} at \S{1,300}:\d{1,6}$)/;

/** Go prints a frame in two lines: the call with its arguments, then the place. */
const goCall = /^\S{1,300}\(.{0,300}\)\s{0,4}$/;
const goPlace = /^(?:\\t|\s){0,16}\S{1,300}\.go:\d{1,6}(?:\s|$)/;

const pythonHead = /Traceback \(most recent call last\):/;

/** Stack traces are never stored: their lines go, the sentence above them and the error's own line stay. */
export const stackTraceRules: readonly RedactionRule[] = [
  {
    name: 'stack_trace',
    needs: [holds.newline, holds.backslash, holds.letterB],
    mayMatch: (value) => value.includes('\n') || value.includes('\\n') || value.includes('Traceback'),
    mask: maskFrames,
  },
  patternRule({
    name: 'stack_frame',
    needs: [holds.openingParenthesis | holds.colon | holds.digit],
    hint: ' at ',
    pattern:
      /(?:\s{1,4}at (?:async |new )?[^\s()]{1,200}(?: \[as [^\]\s]{1,100}\])? ?\([^()\s\d][^()\s]{0,300}(?::\d{1,6}){1,2}\)){1,200}/g,
    replace: (_match, replacement) => ` ${replacement}`,
  }),
];

function maskFrames(value: string, replacement: string, onMask: () => void): string {
  const parts = value.split(lineEnds);
  const lines = parts.filter((_, index) => index % 2 === 0);
  if (!lines.some((line) => unmistakable.test(line) || pythonHead.test(line))) return value;
  let result = '';
  let isInTrace = false;
  let isPython = false;
  lines.forEach((line, index) => {
    const isHead: boolean = pythonHead.test(line);
    isPython = isHead || (isPython && /^(?:\s|\\t|$)/.test(line));
    const isGoCall = goCall.test(line) && goPlace.test(lines[index + 1] ?? '');
    const isFrame: boolean = isPython || isGoCall || frame.test(line);
    if (!isFrame) result += (index === 0 ? '' : (parts[index * 2 - 1] ?? '')) + line;
    if (isFrame && !isInTrace) {
      result += (index === 0 ? '' : (parts[index * 2 - 1] ?? '')) + replacement;
      onMask();
    }
    isInTrace = isFrame;
  });
  return result;
}
