import { posix } from 'node:path';
import type { Finding } from '../finding.ts';
import { treeOf } from '../tree.ts';
import { filesLike, type TextFile } from './files.ts';

/** Text without its fenced code, lines kept: what stands there is no link and no heading. */
function prose(text: string): string {
  return text.replaceAll(/^( *)(```|~~~)[\s\S]*?^\1\2 *$/gm, (block) => block.replaceAll(/[^\n]/g, ''));
}

/** The anchors of a page as GitHub makes them: headings, numbered where they repeat, and ids written out. */
export function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = [...prose(text).matchAll(/^#{1,6} +(.+?)(?: +#+)?$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
  return new Set([...headings, ...[...text.matchAll(/\s(?:id|name)="([^"]+)"/g)].map(([, id = '']) => id)]);
}

/** Where a page's links and images lead, with the line. Code in backticks has none. */
function targetsOf(text: string): { target: string; line: number }[] {
  return prose(text)
    .split('\n')
    .flatMap((written, index) => {
      const line = written.replaceAll(/(`+)[^`]*?\1(?!\()/g, (code, _ticks, at: number) =>
        // The words of a link may be code; its target never is.
        /\]\($/.test(written.slice(0, at)) ? '' : code.replaceAll(/[[\]()<>]/g, ' '),
      );
      const found = [
        ...line.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g),
        ...line.matchAll(/^\s*\[[^\]]+\]:\s*<?(\S+?)>?\s*$/g),
        ...line.matchAll(/\s(?:src|href)="([^"]+)"/g),
        ...line.matchAll(/<(https?:[^>\s]+)>/g),
      ];
      return found.map(([, target = '']) => ({ target, line: index + 1 }));
    });
}

/** Hosts of this machine and of examples, where nobody expects https. */
const plainHosts = /^(localhost|127\.0\.0\.1|\[::1\]|.*\.(example|example\.(com|org|net)|internal|test|invalid))$/;

/** What is wrong with the address of a page elsewhere. Whether it answers is not asked: the check runs without a network. */
function wrongAddress(target: string): string | undefined {
  if (!URL.canParse(target)) return `${target} is no address`;
  const { protocol, hostname, username } = new URL(target);
  if (protocol === 'mailto:') return undefined;
  if (username !== '') return `${target} carries a user name`;
  if (protocol !== 'https:' && !(protocol === 'http:' && plainHosts.test(hostname))) return `${target} is not https`;
  if (!hostname.includes('.') && !plainHosts.test(hostname)) return `${target} names no host of the web`;
  return /[.,;:!]$/.test(target) ? `${target} ends with a sign that is not its own` : undefined;
}

interface Pages {
  readonly paths: ReadonlySet<string>;
  /** Anchors of each Markdown file. */
  readonly anchors: ReadonlyMap<string, ReadonlySet<string>>;
}

function wrongTarget(target: string, from: string, { paths, anchors }: Pages): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return wrongAddress(target);
  const [written = '', anchor] = target.split('#', 2);
  const path =
    written === ''
      ? from
      : posix.normalize(written.startsWith('/') ? written.slice(1) : posix.join(posix.dirname(from), written));
  if (!paths.has(path.replace(/\/$/, ''))) return `leads to ${path}, which does not exist`;
  if (anchor === undefined || anchor === '') return undefined;
  const there = anchors.get(path);
  // Of source files GitHub has lines.
  if (there === undefined) return /^L\d+(-L\d+)?$/.test(anchor) ? undefined : `${path} has no anchors`;
  return there.has(anchor) ? undefined : `${path} has no heading #${anchor}`;
}

const pageFiles = /\.md$/;
/** What may name a page in a comment. Tests of this rule make some up. */
const commented =
  /^(?!tests\/(house|governance|documents)\.test\.ts$).*\.(ts|svelte|sql|ya?ml|jsonc|mjs|css|sh)$|^\.ci\/run$|Containerfile$/;

/** Pages and decisions that code names, the latter by number alone too, and that do not exist. */
function wrongMentions(files: readonly TextFile[], pages: Pages): Finding[] {
  const decisions = new Set([...pages.paths].map((path) => /^docs\/adr\/\d{4}/.exec(path)?.[0]));
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) =>
      [...line.matchAll(/(?<![\w./-])docs\/(?:adr\/\d{4}(?![\w-])|[\w./-]+\.md(?:#[\w-]+)?)/g)].flatMap(([name]) => {
        if (/^docs\/adr\/\d{4}$/.test(name)) {
          return decisions.has(name) ? [] : [{ where: `${path}:${index + 1}`, what: `there is no ${name}` }];
        }
        const what = wrongTarget(`/${name}`, path, pages);
        return what === undefined ? [] : [{ where: `${path}:${index + 1}`, what }];
      }),
    ),
  );
}

/** Links, images, anchors and mentions that lead nowhere. */
export function deadLinks(
  documents: readonly TextFile[] = filesLike(pageFiles),
  code: readonly TextFile[] = filesLike(commented),
  paths: readonly string[] = Object.values(treeOf()).flat(),
): Finding[] {
  const anchors = new Map(documents.map(({ path, text }) => [path, anchorsOf(text)]));
  const pages = { paths: new Set(['', '.', ...paths]), anchors };
  const dead = documents.flatMap(({ path, text }) =>
    targetsOf(text).flatMap(({ target, line }) => {
      const what = wrongTarget(target, path, pages);
      return what === undefined ? [] : [{ where: `${path}:${line}`, what }];
    }),
  );
  return [...dead, ...wrongMentions(code, pages)];
}
