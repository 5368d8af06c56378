import { settingRows } from '@command-center/contract/settings/settings';
import { otherVariables } from '../exceptions.ts';
import type { Finding } from '../finding.ts';
import { filesLike, type TextFile } from './files.ts';

/** Files that may read a variable: code, configurations, container files and scripts. Tests of this rule make some up. */
const reading =
  /^(?!tests\/(house|governance|documents)\.test\.ts$|infra\/check\/).*\.(ts|svelte|mjs|js|ya?ml|jsonc|sh)$|(Containerfile|Dockerfile)(\.\w+)?$|^\.ci\/run$/;
/** What describes one: pages, and the examples of files that set them. */
const pages = /^(README|CONTRIBUTING|SECURITY)\.md$|^docs\/.*\.md$|\.example$/;

/** Of CI and npm, which set them for every process. */
const ofTools = /^(CI|GITHUB_[A-Z_]+|RUNNER_[A-Z_]+|npm_\w+)$/;

/** How each kind of file reads one. */
const reads: readonly { readonly files: RegExp; readonly patterns: readonly RegExp[] }[] = [
  {
    files: /\.(ts|svelte|mjs|js)$/,
    patterns: [
      /\bprocess\.env\.(\w+)/g,
      /\bprocess\.env\[['"](\w+)['"]\]/g,
      /\bprocess\.env,\s*['"](\w+)['"]/g,
      /\{\s*([A-Z][A-Z0-9_]*)\b[^{}]*\} = process\.env\b/g,
    ],
  },
  { files: /\.ya?ml$/, patterns: [/\$\{env:([A-Za-z_]\w*)/g] },
  // `$${X}` is for the program in the container, not for compose.
  { files: /(^|\/)compose[\w.-]*\.ya?ml$/, patterns: [/(?<!\$)\$\{([A-Za-z_]\w*)/g, /(?<!\$)\$([A-Z_]\w*)/g] },
  { files: /(Containerfile|Dockerfile)(\.\w+)?$/, patterns: [/^ENV\s+([A-Za-z_]\w*)/gm, /^ARG\s+([A-Za-z_]\w*)/gm] },
  // With a default: what a caller may set. What a script gives itself has none.
  { files: /\.sh$|^\.ci\/run$/, patterns: [/\$\{([A-Z_][A-Z0-9_]*):?[-?+=]/g] },
];

/** Variables that a file reads, each once. */
function variablesOf({ path, text }: TextFile): string[] {
  const found = reads
    .filter(({ files }) => files.test(path))
    .flatMap(({ patterns }) => patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name)));
  return [...new Set(found)];
}

/** Comments of a file, where a variable may be described as well as on a page. */
function commentsOf({ path, text }: TextFile): string {
  const lines = /\.(ts|svelte|mjs|js|jsonc)$/.test(path) ? /^\s*(?:\/\/|\/?\*).*$|\/\/ .*$/gm : /(?:^|\s)#.*$/gm;
  return (text.match(lines) ?? []).join('\n');
}

const hasWord = (text: string, word: string): boolean => new RegExp(`(?<![\\w])${word}(?![\\w])`).test(text);

/** Variables that something reads and no page or head of a file describes, and settings that their page leaves out. */
export function undocumentedVariables(
  files: readonly TextFile[] = filesLike(reading),
  documents: readonly TextFile[] = filesLike(pages),
  settings: readonly string[] = settingRows.map(({ name }) => name),
): Finding[] {
  const written = documents.map(({ text }) => text).join('\n');
  const configuration = documents.find(({ path }) => path === 'docs/configuration.md')?.text ?? '';
  const missing = settings.filter((name) => !configuration.includes(`\`${name}\``));
  return [
    ...missing.map((name) => ({ where: 'docs/configuration.md', what: `does not have ${name}` })),
    ...files.flatMap((file) => {
      const comments = commentsOf(file);
      return variablesOf(file)
        .filter((name) => !ofTools.test(name) && !Object.hasOwn(otherVariables, name) && !settings.includes(name))
        .filter((name) => !hasWord(written, name) && !hasWord(comments, name))
        .map((name) => ({
          where: file.path,
          what: `reads ${name}, which no page and no comment of the file describes`,
        }));
    }),
  ];
}

/** Variables that the head of a collector configuration offers, and that nothing in it reads. */
export function deadOffers(files: readonly TextFile[] = filesLike(/^infra\/collector\/.*\.ya?ml$/)): Finding[] {
  return files.flatMap((file) => {
    const read = new Set(variablesOf(file));
    return file.text.split('\n').flatMap((line, index) => {
      const [, name] = /^# {3}([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+) {2,}\S/.exec(line) ?? [];
      return name === undefined || read.has(name)
        ? []
        : [{ where: `${file.path}:${index + 1}`, what: `nothing here reads ${name}` }];
    });
  });
}
