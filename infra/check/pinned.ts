import { z } from 'zod';
import type { Finding } from './finding.ts';
import { textOf, treeOf } from './tree.ts';

/** Versions that say exactly what they are: what was tested is what runs. */

const manifest = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});
const exactVersion = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;
/** `name:1.2.3`, `name:18.4-bookworm`, with a digest or without. */
const exactImage = /^[\w./-]+:v?\d+\.\d+(\.\d+)?(-[\w.-]+)?(@sha256:[0-9a-f]{64})?$/;

/** Every version in the tree that may be another one tomorrow. */
export function unpinned(files: Readonly<Record<string, string>> = sources()): Finding[] {
  return Object.entries(files).flatMap(([path, text]) =>
    looseIn(path, text).map((what) => ({ where: path, what: `${what} is not an exact version` })),
  );
}

function looseIn(path: string, text: string): string[] {
  if (path.endsWith('package.json')) {
    return Object.values(manifest.parse(JSON.parse(text))).flatMap((group) =>
      Object.entries(group).flatMap(([name, version]) => (exactVersion.test(version) ? [] : [`${name} ${version}`])),
    );
  }
  if (path.endsWith('requirements.txt'))
    return text
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#') && !/^[\w.-]+(\[\w+\])?==[\w.]+( .*)?$/.test(line));
  if (path.endsWith('Containerfile'))
    return [...text.matchAll(/^(?:ARG \w*IMAGE=|FROM )([^\s$]+)(?: |$)/gm)]
      .map(([, image = '']) => image)
      .filter((image) => !exactImage.test(image));
  if (path.startsWith('.github/'))
    // Tags of GitHub's own actions: their digests are to be had from GitHub alone.
    return [...text.matchAll(/uses: (\S+)/g)]
      .map(([, action = '']) => action)
      .filter((action) => !/^actions\/[\w-]+@v\d+$|@[0-9a-f]{40}$/.test(action));
  return [...text.matchAll(/^\s*(?:- )?image: *"?([^"\s]+)"?/gm)]
    .map(([, image = '']) => image)
    .filter((image) => !image.startsWith('command-center:') && !exactImage.test(image));
}

function sources(): Record<string, string> {
  const paths = treeOf().files.filter((path) =>
    /(^|\/)package\.json$|requirements\.txt$|Containerfile$|^\.github\/workflows\/.*\.yml$|^infra\/(containers|collector)\/.*\.ya?ml$/.test(
      path,
    ),
  );
  return Object.fromEntries(paths.map((path) => [path, textOf(path)]));
}
