import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingRows } from '@command-center/contract/settings/settings';
import { nodeFlags } from '@command-center/sidecar/nodeFlags';
import { describe, expect, it } from 'vitest';
import { root } from './containerfile.ts';
import { readUnit, readVariables } from './units.ts';

const folder = join(root, 'infra/systemd');
const names = ['command-center-sidecar', 'command-center-api'] as const;
const units = names.map((name) => join(folder, `${name}.service`));
/** Of `systemd-analyze security`: 0 is shut in, 10 is free; what there is (1.7) and a little. */
const MAX_EXPOSURE = 2;

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
const noSystemd = 'no systemd-analyze here: the units were not read by systemd itself';

describe('the units of systemd', () => {
  it('start what a bundle has, a sidecar with its flags', () => {
    const [sidecar, api] = units.map((path) => readUnit(path).command.join(' '));
    expect(sidecar).toBe(`/usr/bin/node ${nodeFlags.join(' ')} sidecar.mjs`);
    expect(api).toBe('/usr/bin/node api.mjs');
  });

  it('give a process longer to end than it takes (5 s), and start it anew for ever', () => {
    for (const path of units) {
      const { settings } = readUnit(path);
      expect(Number.parseInt(settings.get('TimeoutStopSec') ?? '', 10)).toBeGreaterThan(5);
      expect(settings.get('Restart')).toBe('always');
      expect(readFileSync(path, 'utf8')).toContain('\nStartLimitIntervalSec=0\n');
    }
  });

  it('name variables that exist, and hold no secret', () => {
    const variables = readVariables(join(folder, 'command-center.env'));
    const rows = new Map(settingRows.map((row) => [row.name, row]));
    for (const [name, value] of Object.entries(variables)) {
      const row = rows.get(name);
      expect(row, name).toBeDefined();
      // The database's address is a secret to the settings, since it may hold a password; this one does not.
      if (row?.isSecret && name !== 'COMMAND_CENTER_DATABASE_URL') expect([name, value]).toEqual([name, '']);
      if (value !== '') expect(row?.parse(value), name).toBeDefined();
    }
    expect(new URL(variables.COMMAND_CENTER_DATABASE_URL ?? '').password).toBe('');
  });

  it('are understood by systemd without a word', ({ skip }) => {
    skip(!hasSystemd, noSystemd);
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], { encoding: 'utf8' });
    // A machine that has no Node there is no fault of the unit.
    const said = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !line.includes('/usr/bin/node'));
    expect(said).toEqual([]);
  });

  it.for(units)('shut their process in: %s', (path, { skip }) => {
    skip(!hasSystemd, noSystemd);
    const report = execFileSync('systemd-analyze', ['security', '--offline=yes', path], { encoding: 'utf8' });
    const exposure = Number(/exposure level for .*: ([\d.]+)/.exec(report)?.[1]);
    expect(exposure).toBeLessThanOrEqual(MAX_EXPOSURE);
  });
});
