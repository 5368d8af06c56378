import { z } from 'zod';
import type { Finding } from '../finding.ts';
import { filesLike, type TextFile } from './files.ts';

const names = z.record(z.string(), z.string()).default({});
const manifest = z.object({
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
});

/** A version and nothing else, also of another package under this name. */
const exactVersion = /^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.-]+)?$/;

function loosePackages({ path, text }: TextFile): Finding[] {
  return Object.values(manifest.parse(JSON.parse(text))).flatMap((group) =>
    Object.entries(group)
      .filter(([, version]) => !exactVersion.test(version))
      .map(([name, version]) => ({ where: path, what: `${name} is "${version}"; write the exact version` })),
  );
}

/** How a kind of file names an image. References in sentences are not looked for: only what files build upon or start. */
const imageNames: readonly { readonly files: RegExp; readonly line: RegExp }[] = [
  { files: /\.ya?ml$/, line: /^\s*(?:-\s+)?image:\s*["']?([^\s"'#]+)/ },
  { files: /(Containerfile|Dockerfile)/, line: /^FROM\s+(?:--platform=\S+\s+)?(\S+)/i },
  { files: /\.ts$/, line: /fromRegistry\(\s*["'`]([^"'`]+)/ },
];
/** With a digest, or a tag of a full version: two numbers and more (Postgres and Debian have no third). */
const pinnedImage = /@sha256:[0-9a-f]{64}$|:v?\d+(?:\.\d+)+(?:-[\w.-]+)?$/;

/** The stages of a Containerfile, which later ones begin from. */
const stagesOf = (text: string): Set<string> =>
  new Set([...text.matchAll(/^FROM\s.*\sAS\s+(\S+)/gim)].map(([, stage = '']) => stage));

/**
 * What a variable in an image means where nobody sets it: `${IMAGE:-postgres:18.4}`, a build argument of the file, or `${context.version}` with the
 * default of the context's schema.
 */
function meantImage(image: string, text: string, all: string): string {
  return image.replaceAll(/\$\{([\w.]+)(?::?-([^}]*))?\}/g, (whole, variable: string, fallback: string | undefined) => {
    const name = variable.split('.').at(-1);
    const argument = new RegExp(`^ARG\\s+${name}=["']?([^\\s"']+)`, 'm').exec(text)?.[1];
    const context = new RegExp(`^ +${name}:[^;]{0,800}?\\.default\\('([^']+)'\\)`, 'm').exec(all)?.[1];
    return fallback ?? argument ?? context ?? whole;
  });
}

/** Images that files of ours build upon or start, each with where it stands. Those that are built here have no registry's version and are left out. */
export function imagesOf(files: readonly TextFile[] = filesLike(imageFiles)): { where: string; image: string }[] {
  const all = files.map(({ text }) => text).join('\n');
  return files.flatMap(({ path, text }) => {
    const stages = stagesOf(text);
    return text.split('\n').flatMap((line, index) => {
      const written = imageNames.find((kind) => kind.files.test(path))?.line.exec(line)?.[1];
      if (written === undefined || stages.has(written) || written === 'scratch') return [];
      const image = meantImage(written, text, all);
      return /(^|\/)command-center(-[a-z]+)?:/.test(image) ? [] : [{ where: `${path}:${index + 1}`, image }];
    });
  });
}

/** Files that name images: container and compose files, manifests, and the CDK. */
const imageFiles =
  /(^|\/)(\w[\w.-]*\.)?(Containerfile|Dockerfile)(\.\w+)?$|(^|\/)compose[\w.-]*\.ya?ml$|^infra\/(containers|collector)\/.*\.ya?ml$|^infra\/.*kubernetes\/.*\.ya?ml$|^infra\/cdk\/(?!.*\.test\.ts).*\.ts$/;

function looseImages(files: readonly TextFile[]): Finding[] {
  return imagesOf(files)
    .filter(({ image }) => !pinnedImage.test(image))
    .map(({ where, image }) => ({ where, what: `${image} is not one version; write a full one, or a digest` }));
}

/** Actions of a workflow. A major tag is as much as is asked of GitHub's own (`actions/…`): who could change them holds the repository anyway. */
function looseActions({ path, text }: TextFile): Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const [, action = '', version = ''] = /^\s*(?:-\s+)?uses:\s*([^@\s]+)(?:@(\S+))?/.exec(line) ?? [];
    if (action === '' || action.startsWith('./')) return [];
    const isPinned = action.startsWith('actions/')
      ? /^(v\d[\d.]*|[0-9a-f]{40})$/.test(version)
      : /^[0-9a-f]{40}$/.test(version);
    return isPinned ? [] : [{ where: `${path}:${index + 1}`, what: `${action}@${version} is not pinned to a commit` }];
  });
}

function looseRequirements({ path, text }: TextFile): Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const asked = line.replace(/\s*#.*$/, '').trim();
    const isFine = asked === '' || asked.startsWith('--') || /^[\w.[\]-]+==[\w.!+]+( ;.*)?( \\)?$/.test(asked);
    return isFine ? [] : [{ where: `${path}:${index + 1}`, what: `${asked} is not pinned; write ==` }];
  });
}

/** A go.mod pins by itself; what it asks for without a hash beside it was never checked. */
function unsummedModules(mods: readonly TextFile[], sums: readonly TextFile[]): Finding[] {
  return mods.flatMap(({ path, text }) => {
    const sum = sums.find((each) => each.path === path.replace(/mod$/, 'sum'))?.text ?? '';
    return [...text.matchAll(/^(?:require )?\s*([\w.-]+\.[a-z]+\/\S+) (v\S+)/gm)]
      .filter(([, name = '', version = '']) => !sum.includes(`${name} ${version}`))
      .map(([, name, version]) => ({ where: path, what: `${name} ${version} has no hash in go.sum; run go mod tidy` }));
  });
}

/** Whatever is taken from elsewhere in more than one version. */
export function loose(files: readonly TextFile[] = filesLike(pinnable)): Finding[] {
  const those = (pattern: RegExp): TextFile[] => files.filter(({ path }) => pattern.test(path));
  return [
    ...those(/(^|\/)package\.json$/).flatMap(loosePackages),
    ...looseImages(those(imageFiles)),
    ...those(/^\.github\/workflows\/.*\.ya?ml$/).flatMap(looseActions),
    ...those(/(^|\/)requirements[\w.-]*\.txt$/).flatMap(looseRequirements),
    ...unsummedModules(those(/(^|\/)go\.mod$/), those(/(^|\/)go\.sum$/)),
  ];
}

const pinnable = new RegExp(
  `(^|/)(package\\.json|requirements[\\w.-]*\\.txt|go\\.(mod|sum))$|^\\.github/workflows/|${imageFiles.source}`,
);
