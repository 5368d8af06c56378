import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** What the collector's modules say in their go.mod. */
const MIN_MINOR = 26;
const ASK_TIMEOUT_MS = 20_000;

/** Where its installers put it, beside PATH. */
const candidates = ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go', join(homedir(), 'go/bin/go')];

/** Never another toolchain than the one found: a build must not fetch one by itself. */
export const goEnvironment = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false', GOWORK: 'off' };

/** The first Go that is new enough, or why there is none. */
export function findGo(): { readonly program: string } | { readonly reason: string } {
  const found: string[] = [];
  for (const program of candidates) {
    const asked = spawnSync(program, ['env', 'GOVERSION'], {
      encoding: 'utf8',
      timeout: ASK_TIMEOUT_MS,
      env: goEnvironment,
    });
    const version = asked.status === 0 ? asked.stdout.trim() : '';
    const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
    if (major === undefined) continue;
    if (Number(major) > 1 || Number(minor) >= MIN_MINOR) return { program };
    found.push(version);
  }
  return { reason: `it takes Go >= 1.${MIN_MINOR} to build, and there is ${found[0] ?? 'none'}` };
}
