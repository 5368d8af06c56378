import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { root, textOf } from '../../check/tree.ts';

/**
 * What the comments of a zod schema say of its members. Schemas carry no descriptions of their own: the console is built from the same files and would
 * ship them.
 */
export interface Described {
  /** The constant that it was declared as; undefined = it stands where it is used. */
  readonly name?: string;
  readonly comment: string;
  /** Members of the object behind lists, records and `nullable`. */
  readonly members: ReadonlyMap<string, Described>;
}

const nothing: Described = { comment: '', members: new Map() };

/** Schemas are some levels deep; a circle would never end. */
const maxDepth = 40;

const sources = new Map<string, ts.SourceFile>();

function sourceOf(path: string): ts.SourceFile | undefined {
  const held = sources.get(path);
  if (held !== undefined || !existsSync(join(root, path))) return held;
  const source = ts.createSourceFile(path, textOf(path), ts.ScriptTarget.ESNext, true);
  sources.set(path, source);
  return source;
}

/** What the comments say of the constant `name` of the file at `path`. */
export function describedIn(path: string, name: string, depth = 0): Described {
  const source = sourceOf(path);
  if (source === undefined || depth > maxDepth) return nothing;
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      const declared = statement.declarationList.declarations.find((each) => each.name.getText() === name);
      if (declared?.initializer !== undefined) {
        const found = describe(declared.initializer, path, depth + 1);
        return { ...found, name, comment: commentOf(statement, source) || found.comment };
      }
    }
    if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      const bindings = statement.importClause?.namedBindings;
      const isHere =
        bindings !== undefined &&
        ts.isNamedImports(bindings) &&
        bindings.elements.some((each) => each.name.text === name);
      if (isHere) return describedIn(fileOf(statement.moduleSpecifier.text, path), name, depth + 1);
    }
  }
  return nothing;
}

function fileOf(specifier: string, from: string): string {
  const contract = /^@command-center\/contract\/(.+)$/.exec(specifier)?.[1];
  return contract === undefined ? posix.join(posix.dirname(from), specifier) : `contract/src/${contract}.ts`;
}

/** The sentence above a declaration or member. */
function commentOf(node: ts.Node, source: ts.SourceFile): string {
  const range = ts.getLeadingCommentRanges(source.text, node.getFullStart())?.at(-1);
  const text = range === undefined ? '' : source.text.slice(range.pos, range.end);
  const sentence =
    /^\/\*\*([\s\S]*)\*\/$/
      .exec(text)?.[1]
      ?.replaceAll(/\s*\n\s*\*?\s*/g, ' ')
      .trim() ?? '';
  return sentence.replaceAll(ofTheSpecification, '').trim();
}

/** Where a comment says which page of the specification it follows: readers of the reference do not have it. */
const ofTheSpecification =
  /\s*\((?:design|contract\.md|interfaces\.md) §\d+\)|^(?:design|contract\.md|interfaces\.md) §\d+[.:]\s*/g;

function merged(parts: readonly Described[]): Described {
  const [first = nothing] = parts;
  return { ...first, members: new Map(parts.flatMap(({ members }) => [...members])) };
}

function describe(node: ts.Expression, path: string, depth: number): Described {
  if (depth > maxDepth) return nothing;
  const next = (inner: ts.Expression): Described => describe(inner, path, depth + 1);
  if (ts.isIdentifier(node)) return describedIn(path, node.text, depth + 1);
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    return next(node.expression);
  if (ts.isObjectLiteralExpression(node)) return { ...nothing, members: membersOf(node, path, depth) };
  if (ts.isArrayLiteralExpression(node)) return merged(node.elements.map(next));
  if (ts.isPropertyAccessExpression(node)) {
    const held = next(node.expression);
    return node.name.text === 'shape' ? held : (held.members.get(node.name.text) ?? nothing);
  }
  if (!ts.isCallExpression(node)) return nothing;
  const called = node.expression;
  if (!ts.isPropertyAccessExpression(called)) return merged(node.arguments.map(next));
  if (called.expression.getText() === 'z') return merged(node.arguments.map(next));
  // `a.extend({…})` has the members of both; whatever else is called on a schema leaves it what it is.
  if (called.name.text !== 'extend') return next(called.expression);
  const { comment, members } = merged([next(called.expression), ...node.arguments.map(next)]);
  return { comment, members };
}

function membersOf(node: ts.ObjectLiteralExpression, path: string, depth: number): Map<string, Described> {
  const members = new Map<string, Described>();
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      for (const [name, member] of describe(property.expression, path, depth + 1).members) members.set(name, member);
      continue;
    }
    const name = property.name?.getText().replaceAll(/['"]/g, '');
    if (name === undefined) continue;
    const comment = commentOf(property, node.getSourceFile());
    const value = ts.isPropertyAssignment(property)
      ? describe(property.initializer, path, depth + 1)
      : describedIn(path, name, depth + 1);
    // What a constant says of a plain value is true of every member that has it, and so of none in particular.
    members.set(name, { ...value, comment: comment || (value.members.size > 0 ? value.comment : '') });
  }
  return members;
}
