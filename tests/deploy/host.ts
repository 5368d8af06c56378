import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What was asked of a program that is stood in for. */
const call = z.object({ program: z.string(), args: z.array(z.string()), folder: z.string() });
export type Call = z.infer<typeof call>;

/** Does what the program would; gives what it prints. What it throws is its failure. */
export type StandIn = (call: Call) => Promise<string>;

export interface Host {
  /** Holds the clone, and below `root` what stands for `/opt` and `/etc`. */
  readonly clone: string;
  readonly root: string;
  /** Runs commands of a page as one shell after the other that keeps its variables; gives what they print. Rejects where one fails. */
  run(commands: string, variables?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

const standIn = fileURLToPath(new URL('standIn.ts', import.meta.url));

/** A folder that commands of a page take for a whole host. `standIns`: programs that are found in PATH before any others. */
export async function openHost(standIns: Readonly<Record<string, StandIn>>): Promise<Host> {
  const folder = mkdtempSync(join(tmpdir(), 'command-center-host-'));
  const [clone, root, programs] = ['clone', 'root', 'programs'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [clone, programs, join(root, 'opt'), join(root, 'etc/systemd/system')])
    mkdirSync(each, { recursive: true });
  const server = createServer(async (request, response) => {
    const asked = call.parse(JSON.parse(await text(request)));
    const outcome = await (standIns[asked.program] ?? nobody)(asked).then(
      (stdout) => ({ code: 0, stdout, stderr: '' }),
      (error: unknown) => ({ code: 1, stdout: '', stderr: `${error instanceof Error ? error.message : error}\n` }),
    );
    response.end(JSON.stringify(outcome));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  for (const name of Object.keys(standIns))
    writeProgram(join(programs, name), `exec '${process.execPath}' '${standIn}' http://127.0.0.1:${port} ${name} "$@"`);
  // As root, or as another user: here it is one and the same.
  writeProgram(join(programs, 'sudo'), 'if [ "$1" = -u ]; then shift 2; fi\nexec "$@"');
  const { PATH = '', HOME = '' } = process.env;
  const kept = join(folder, 'variables');
  writeFileSync(kept, '');
  return {
    clone,
    root,
    run: async (commands, variables = {}) => {
      const env = { PATH: `${programs}:${PATH}`, HOME };
      const script = `set -ae\n. '${kept}'\n${commands}\nexport -p > '${kept}'\n`;
      const child = spawn('/bin/sh', ['-c', script], { cwd: clone, env: { ...env, ...variables }, stdio: 'pipe' });
      child.stdin.end();
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      if (code !== 0) throw new Error(`${commands}\nended with ${code}: ${stdout}${stderr}`);
      return stdout;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeProgram(path: string, commands: string): void {
  writeFileSync(path, `#!/bin/sh\n${commands}\n`);
  chmodSync(path, 0o755);
}

async function nobody({ program }: Call): Promise<string> {
  throw new Error(`nothing stands in for ${program}`);
}
