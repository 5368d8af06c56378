import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** `npm run test:faults`: the full run. `npm test` plays the short form. Its last line is `N passed, N failed`. */

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    processes: { type: 'string', default: '50' },
    'first-seed': { type: 'string', default: '1' },
  },
});

const child = spawn('vitest', ['run', '--project', 'faults'], {
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  stdio: 'inherit',
  shell: process.platform === 'win32',
  env: {
    ...process.env,
    FAULT_SCHEDULES: values.schedules,
    FAULT_PROCESS_SCHEDULES: values.processes,
    FAULT_FIRST_SEED: values['first-seed'],
  },
});
const [code] = await once(child, 'close');
process.exitCode = code ?? 1;
