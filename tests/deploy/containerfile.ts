import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, matchesGlob } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** A Containerfile carried out without a container: what it copies and runs is copied and run, each stage in a folder of its own. */

export const root = fileURLToPath(new URL('../..', import.meta.url));
const RUN_TIMEOUT_MS = 240_000;

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** Instructions in their order, continued lines joined; a name that is not known here is an error. */
export function parseContainerfile(text: string): Instruction[] {
  const known = /^(ARG|FROM|LABEL|ENV|WORKDIR|COPY|RUN|USER|EXPOSE|STOPSIGNAL|HEALTHCHECK|CMD) +(.*)$/;
  return text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n */g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name, rest] = known.exec(line) ?? [];
      if (name === undefined || rest === undefined) throw new Error(`not known here: ${line}`);
      return { name, text: rest };
    });
}

export interface Image {
  /** Its file system from WORKDIR on. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  readonly user: string;
  readonly base: string;
}

/** Builds the last stage below `folder`. Rejects with what a command said. */
export function buildImage(file: string, folder: string): Image {
  const stages = new Map<string, string>();
  const args = new Map<string, string>();
  let stage = '';
  let workdir = '/';
  let image = { environment: {}, command: [] as string[], healthcheck: [] as string[], user: '', base: '' };
  const at = (path: string): string => join(folder, stage, path.startsWith('/') ? path : join(workdir, path));
  for (const { name, text } of parseContainerfile(readFileSync(join(root, file), 'utf8'))) {
    switch (name) {
      case 'ARG':
        args.set(text.split('=', 1)[0] ?? '', text.slice(text.indexOf('=') + 1));
        break;
      case 'FROM': {
        const [base = '', , named] = text.split(' ');
        stage = named ?? `stage-${stages.size}`;
        stages.set(stage, stage);
        workdir = '/';
        image = {
          environment: {},
          command: [],
          healthcheck: [],
          user: '',
          base: base.replace(/^\$\{(\w+)\}$/, (_, arg) => args.get(arg) ?? ''),
        };
        break;
      }
      case 'WORKDIR':
        workdir = text;
        mkdirSync(at('.'), { recursive: true });
        break;
      case 'COPY':
        copy(text, { at, stageFolder: (from) => join(folder, from), ignore: `${file}.dockerignore` });
        break;
      case 'RUN':
        // The image's own Node and npm; a shell as Docker's.
        execFileSync('/bin/sh', ['-c', text], {
          cwd: at('.'),
          env: runEnvironment(),
          timeout: RUN_TIMEOUT_MS,
          stdio: 'pipe',
        });
        break;
      case 'ENV':
        image.environment = {
          ...image.environment,
          ...Object.fromEntries(text.split(/ +/).map((pair) => pair.split('=', 2))),
        };
        break;
      case 'USER':
        image.user = text;
        break;
      case 'HEALTHCHECK':
        image.healthcheck = JSON.parse(text.slice(text.indexOf('CMD ') + 4));
        break;
      case 'CMD':
        image.command = JSON.parse(text);
        break;
    }
  }
  return { ...image, folder: at('.') };
}

/** The machine's own besides: how npm reaches a registry stands there. */
function runEnvironment(): NodeJS.ProcessEnv {
  const { PATH = '', ...others } = process.env;
  return { ...others, PATH: `${dirname(process.execPath)}:${PATH}`, CI: 'true', npm_config_prefer_offline: 'true' };
}

interface Places {
  at(path: string): string;
  stageFolder(stage: string): string;
  readonly ignore: string;
}

function copy(text: string, { at, stageFolder, ignore }: Places): void {
  const from = /^--from=(\S+) +/.exec(text);
  const [source = '', target = ''] = text.slice(from?.[0].length ?? 0).split(/ +/);
  if (from !== null) {
    cpSync(join(stageFolder(from[1] ?? ''), source), at(target), { recursive: true });
    return;
  }
  const files = contextFiles(ignore).filter(
    (path) => source === '.' || path === source || path.startsWith(`${source}/`),
  );
  if (files.length === 0) throw new Error(`COPY ${source}: nothing of it is in the context`);
  for (const path of files)
    cpSync(join(root, path), at(source === '.' ? join(target, path) : join(target, path.split('/').at(-1) ?? '')), {
      recursive: true,
    });
}

/** What is tracked or new and not ignored by git, less what the ignore file names; a later line counts over an earlier one. */
export function contextFiles(ignoreFile: string): string[] {
  const rules = readFileSync(join(root, ignoreFile), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const isIgnored = (path: string): boolean => {
    let ignored = false;
    for (const rule of rules) {
      const pattern = rule.replace(/^!/, '');
      const parts = path.split('/');
      const fits = parts.some((_, index) => matchesGlob(parts.slice(0, index + 1).join('/'), pattern));
      if (fits) ignored = !rule.startsWith('!');
    }
    return ignored;
  };
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  return listed.split('\n').filter((path) => path !== '' && existsSync(join(root, path)) && !isIgnored(path));
}
