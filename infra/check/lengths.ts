import ts from 'typescript';
import type { Finding } from './finding.ts';
import { lineOf, type Module } from './modules.ts';

/** Past it, look for the second idea in the file. */
const maxFileLines = 300;
const maxFunctionLines = 70;

/** Files longer than 300 lines. */
export function longFiles(modules: readonly Module[]): Finding[] {
  return modules
    .filter((module) => module.lines > maxFileLines)
    .map(({ path, lines }) => ({ where: path, what: `${lines} lines; at most ${maxFileLines}` }));
}

/** Functions longer than 70 lines, signature included. */
export function longFunctions(modules: readonly Module[]): Finding[] {
  return modules.flatMap(({ path, source }) => {
    const findings: Finding[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && !isDescription(node)) {
        const first = lineOf(node, source);
        const lines = source.getLineAndCharacterOfPosition(node.end).line + 2 - first;
        if (lines > maxFunctionLines)
          findings.push({
            where: `${path}:${first}`,
            what: `a function of ${lines} lines; at most ${maxFunctionLines}`,
          });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return findings;
  });
}

/** What `describe` is handed is a chapter, not a function. */
function isDescription(node: ts.Node): boolean {
  const call = node.parent;
  if (!ts.isCallExpression(call)) return false;
  return /^describe(\.|\(|$)/.test(call.expression.getText());
}
