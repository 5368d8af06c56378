import ts from 'typescript';
import { deadExceptions, entryFiles, published } from './exceptions.ts';
import type { Finding } from './finding.ts';
import { isTest } from './imports.ts';
import type { Module } from './modules.ts';

const isEntry = (path: string): boolean => isTest(path) || entryFiles.some(({ pattern }) => pattern.test(path));

/** Names of each file that another file asks for; `*` = all. */
function askedFor(modules: readonly Module[]): Map<string, Set<string>> {
  const asked = new Map<string, Set<string>>();
  for (const { path, imports } of modules)
    for (const { target, names } of imports) {
      if (target === undefined || target === path) continue;
      const known = asked.get(target) ?? new Set();
      for (const name of names) known.add(name);
      asked.set(target, known);
    }
  return asked;
}

/** Files that nothing imports and nothing starts. */
export function deadFiles(modules: readonly Module[]): Finding[] {
  const asked = askedFor(modules);
  return modules
    .filter(({ path }) => !isEntry(path) && !asked.has(path) && !Object.hasOwn(deadExceptions, path))
    .map(({ path }) => ({ where: path, what: 'imported by nothing, started by nothing' }));
}

/** Exported names that no other file asks for. A type is alive too where its own file uses it: it then names part of an export. */
export function deadExports(modules: readonly Module[]): Finding[] {
  const asked = askedFor(modules);
  return modules
    .filter(({ path }) => !isEntry(path) && !published.some(({ pattern }) => pattern.test(path)))
    .flatMap((module) => {
      const names = asked.get(module.path) ?? new Set();
      if (names.has('*')) return [];
      return module.exports
        .filter(({ name }) => !names.has(name) && !Object.hasOwn(deadExceptions, `${module.path}#${name}`))
        .filter(({ name, isType }) => !(isType && isUsedInside(module.source, name)))
        .map(({ name, line }) => ({ where: `${module.path}:${line}`, what: `exports ${name}, which nothing imports` }));
    });
}

function isUsedInside(source: ts.SourceFile, name: string): boolean {
  let uses = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === name) uses++;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return uses > 1;
}
