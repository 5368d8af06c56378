import { type Contract, createContract, defaultContract } from '../contract.ts';
import { type Settings, SettingsError } from '../settings/settings.ts';
import { maxFileBytes } from './limits.ts';
import { type FileProblem, parseContractFile } from './parse.ts';

/** What is asked of a file system; `node:fs` is one. */
export interface Files {
  statSync(path: string): { readonly size: number; isFile(): boolean };
  readFileSync(path: string, encoding: 'utf8'): string;
}

/**
 * The contract of this deployment: the built-in one, or COMMAND_CENTER_CONTRACT or COMMAND_CENTER_CONTRACT_YAML over it. `files`: undefined where a
 * runtime has none.
 * @throws SettingsError with a line a problem, each with the file, the line and the key.
 */
export function readContract(
  settings: Pick<Settings, 'contract' | 'contractYaml'>,
  files: Files | undefined,
): Contract {
  const { contract: path, contractYaml } = settings;
  if (path === undefined) return contractYaml === undefined ? defaultContract : overBuiltIn(contractYaml, byText);
  const of: Origin = { variable: byPath, shown: `=${JSON.stringify(path)}` };
  if (files === undefined) {
    const what = `names a file, and this runtime has none; put its text into ${byText.variable}`;
    throw refused(of, [{ key: '', what }]);
  }
  const source = sourceOf(path, files);
  if ('what' in source) throw refused(of, [source]);
  return overBuiltIn(source.text, of);
}

interface Origin {
  readonly variable: string;
  readonly shown: string;
}

const byPath = 'COMMAND_CENTER_CONTRACT';
const byText: Origin = { variable: 'COMMAND_CENTER_CONTRACT_YAML', shown: '' };

function overBuiltIn(text: string, of: Origin): Contract {
  const parsed = parseContractFile(text);
  if (!parsed.isValid) throw refused(of, parsed.problems);
  return createContract(parsed.file);
}

function sourceOf(path: string, files: Files): { readonly text: string } | Omit<FileProblem, 'line'> {
  try {
    const { size, isFile } = statOf(path, files);
    if (!isFile) return { key: '', what: 'is a folder or a device; allowed is the path of a YAML file' };
    if (size > maxFileBytes) return { key: '', what: `is ${size} bytes long; allowed are at most ${maxFileBytes}` };
    return { text: files.readFileSync(path, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { key: '', what: `cannot be read (${code}); allowed is the path of a YAML file` };
  }
}

function statOf(path: string, files: Files): { size: number; isFile: boolean } {
  const stat = files.statSync(path);
  return { size: stat.size, isFile: stat.isFile() };
}

function refused(
  { variable, shown }: Origin,
  problems: readonly (Omit<FileProblem, 'line'> & { readonly line?: number })[],
): SettingsError {
  return new SettingsError(
    problems.map(({ line, key, what }) => ({
      variable,
      shown,
      allowed:
        [line === undefined ? '' : `line ${line}`, key].filter((part) => part !== '').join(', ') +
        (line === undefined ? what : `: ${what}`),
    })),
  );
}
