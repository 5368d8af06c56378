import { fileURLToPath } from 'node:url';
import { type Child, startChild } from './child.ts';

const ENTRY = fileURLToPath(import.meta.resolve('@command-center/infra/demo/main'));

/** `npm run demo -- …flags`. */
export function startDemo(flags: readonly string[], environment: Readonly<Record<string, string>> = {}): Child {
  const { child, handle } = startChild(ENTRY, environment, flags);
  handle.stdout?.resume();
  return child;
}
