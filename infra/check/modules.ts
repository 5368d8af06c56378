import { posix } from 'node:path';
import ts from 'typescript';
import { textOf, treeOf } from './tree.ts';

export interface Import {
  readonly specifier: string;
  /** Path of the file meant, where it is ours; undefined for packages and built-ins. */
  readonly target: string | undefined;
  /** Names asked for; `*` = all of them. */
  readonly names: readonly string[];
  readonly isTypeOnly: boolean;
  readonly line: number;
}

export interface Export {
  readonly name: string;
  readonly isType: boolean;
  readonly line: number;
}

/** A TypeScript file, or the scripts of a Svelte component. */
export interface Module {
  readonly path: string;
  readonly lines: number;
  readonly source: ts.SourceFile;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
}

/** Where `@command-center/<workspace>/x` lies: the `exports` of the workspaces. */
const packageRoots: Readonly<Record<string, string>> = {
  contract: 'contract/src',
  sidecar: 'sidecar/src',
  api: 'api/src',
  web: 'web/src',
  drizzle: 'drizzle',
  infra: 'infra',
  tests: 'tests',
};

/** Every module of the repository, parsed. */
export function readModules(): Module[] {
  const files = treeOf().files.filter((path) => /\.(ts|svelte)$/.test(path) && !path.endsWith('.d.ts'));
  const known = new Set(files);
  return files.map((path) => readModule(path, textOf(path), known));
}

/** Parses one file; `known` decides which of several spellings a specifier means. */
export function readModule(path: string, text: string, known: ReadonlySet<string>): Module {
  const code = path.endsWith('.svelte') ? scriptsOf(text) : text;
  const source = ts.createSourceFile(path, code, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    source,
    imports: importsOf(source, path, known),
    exports: path.endsWith('.svelte') ? [] : source.statements.flatMap((node) => exportsOf(node, source)),
  };
}

/** The code of a component; everything else becomes empty lines, so that line numbers stay. */
function scriptsOf(text: string): string {
  const blank = (part: string): string => part.replace(/[^\n]/g, '');
  let code = '';
  let end = 0;
  for (const match of text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)) {
    const body = match[1] ?? '';
    const start = match.index + match[0].indexOf('>') + 1;
    code += blank(text.slice(end, start)) + body;
    end = start + body.length;
  }
  return code + blank(text.slice(end));
}

export function lineOf(node: ts.Node, source: ts.SourceFile): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

function importsOf(source: ts.SourceFile, path: string, known: ReadonlySet<string>): Import[] {
  const found: Import[] = [];
  const add = (literal: ts.Node, names: readonly string[], isTypeOnly: boolean): void => {
    if (!ts.isStringLiteralLike(literal)) return;
    const specifier = literal.text;
    const target = resolve(specifier, path, known);
    found.push({ specifier, target, names, isTypeOnly, line: lineOf(literal, source) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, importedNames(node), isTypeImport(node));
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)
      add(node.moduleSpecifier, reexportedNames(node), node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, ['*'], true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0])
      add(node.arguments[0], ['*'], false);
    // A worker's file: new URL('./worker.ts', import.meta.url).
    else if (isModuleUrl(node)) add(node.arguments?.[0] ?? node, ['*'], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isModuleUrl(node: ts.Node): node is ts.NewExpression {
  if (!ts.isNewExpression(node) || node.expression.getText() !== 'URL') return false;
  const [file, base] = node.arguments ?? [];
  return (
    file !== undefined && ts.isStringLiteral(file) && file.text.endsWith('.ts') && base?.getText() === 'import.meta.url'
  );
}

function resolve(specifier: string, from: string, known: ReadonlySet<string>): string | undefined {
  const [, workspace = '', rest = ''] = /^@command-center\/([a-z]+)\/(.+)$/.exec(specifier) ?? [];
  const folder = packageRoots[workspace];
  const bare = specifier.replace(/\?.*$/, '');
  if (folder !== undefined) return `${folder}/${rest}.ts`;
  if (!bare.startsWith('.')) return undefined;
  const path = posix.join(posix.dirname(from), bare);
  return [path, path.replace(/\.js$/, '.ts'), `${path}.ts`].find((candidate) => known.has(candidate)) ?? path;
}

function importedNames({ importClause: clause }: ts.ImportDeclaration): string[] {
  const bindings = clause?.namedBindings;
  const standard = clause?.name === undefined ? [] : ['default'];
  if (bindings === undefined) return standard;
  if (ts.isNamespaceImport(bindings)) return [...standard, '*'];
  return [...standard, ...bindings.elements.map((element) => (element.propertyName ?? element.name).text)];
}

function isTypeImport({ importClause: clause }: ts.ImportDeclaration): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  if (clause.name !== undefined || bindings === undefined || ts.isNamespaceImport(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

function reexportedNames({ exportClause: clause }: ts.ExportDeclaration): string[] {
  if (clause === undefined || ts.isNamespaceExport(clause)) return ['*'];
  return clause.elements.map((element) => (element.propertyName ?? element.name).text);
}

function exportsOf(node: ts.Statement, source: ts.SourceFile): Export[] {
  const line = lineOf(node, source);
  if (ts.isExportDeclaration(node) && node.exportClause !== undefined && ts.isNamedExports(node.exportClause))
    return node.exportClause.elements.map((element) => ({ name: element.name.text, isType: node.isTypeOnly, line }));
  if (ts.isExportAssignment(node)) return [{ name: 'default', isType: false, line }];
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  if (!modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword))
    return [{ name: 'default', isType: false, line }];
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations
      .flatMap((declaration) => boundNames(declaration.name))
      .map((name) => ({ name, isType: false, line }));
  const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
  const isNamed = isType || ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node);
  return isNamed && node.name !== undefined ? [{ name: node.name.text, isType, line }] : [];
}

function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : []));
}
