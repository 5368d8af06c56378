import { fileURLToPath } from 'node:url';

/** Where the parts of the all-in-one lie: among the sources, or beside each other in the bundle (infra/bundle/program.ts). */

const isSource = import.meta.url.endsWith('.ts');

/** What a sidecar's process runs. */
export const sidecarEntry = isSource
  ? fileURLToPath(import.meta.resolve('@command-center/sidecar/run'))
  : fileURLToPath(new URL('./sidecar.mjs', import.meta.url));

/** The built console. */
export const webRoot = fileURLToPath(new URL(isSource ? '../../web/dist/' : './web/', import.meta.url));
