import { reasons } from '@command-center/contract/reasons';
import ts from 'typescript';
import { entryFiles, environmentExceptions } from './exceptions.ts';
import type { Finding } from './finding.ts';
import { isTest } from './imports.ts';
import { lineOf, type Module } from './modules.ts';

function each(modules: readonly Module[], judge: (node: ts.Node, module: Module) => string | undefined): Finding[] {
  return modules.flatMap((module) => {
    const findings: Finding[] = [];
    const visit = (node: ts.Node): void => {
      const what = judge(node, module);
      if (what !== undefined) findings.push({ where: `${module.path}:${lineOf(node, module.source)}`, what });
      ts.forEachChild(node, visit);
    };
    visit(module.source);
    return findings;
  });
}

/** `process.env` is read by entry files alone; everything else is handed its settings. */
export function environmentReads(modules: readonly Module[]): Finding[] {
  const mayRead = (path: string): boolean =>
    isTest(path) || entryFiles.some(({ pattern }) => pattern.test(path)) || Object.hasOwn(environmentExceptions, path);
  return each(
    modules.filter(({ path }) => !mayRead(path)),
    (node) => {
      const isRead =
        ts.isPropertyAccessExpression(node) && node.name.text === 'env' && node.expression.getText() === 'process';
      return isRead ? 'reads process.env; settings come from contract/src/settings, through the entry file' : undefined;
    },
  );
}

const statusNumbers = new Set(Object.values(reasons).map((reason) => String(reason.httpStatus)));

/** Status numbers of HTTP and gRPC stand in contract/src/reasons.ts alone. */
export function statusLiterals(modules: readonly Module[]): Finding[] {
  const rooms = modules.filter(
    ({ path }) => (path.startsWith('sidecar/src/receive/') || path === 'sidecar/src/counters.ts') && !isTest(path),
  );
  const what = 'is a status number; read it from contract/src/reasons.ts';
  return each(rooms, (node, { path }) => {
    if (path.endsWith('/limits.ts')) return undefined;
    if (ts.isNumericLiteral(node) && statusNumbers.has(node.text)) return `${node.text} ${what}`;
    const isGrpcCode =
      ts.isPropertyAccessExpression(node) && /^(grpc\.)?status\.[A-Z_]+$/.test(node.getText().replaceAll(/\s/g, ''));
    return isGrpcCode ? `${node.getText()} ${what}` : undefined;
  });
}
