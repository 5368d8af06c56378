import { fileURLToPath } from 'node:url';
import { bundleSidecar } from './sidecar.ts';

/** `node infra/bundle/main.ts`, part of `npm run build`: sidecar/dist, which `npm run start:sidecar` runs. */

await bundleSidecar(fileURLToPath(new URL('../../sidecar/dist', import.meta.url)));
