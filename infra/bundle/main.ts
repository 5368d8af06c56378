import { fileURLToPath } from 'node:url';
import { bundleApi } from './api.ts';
import { bundleSidecar } from './sidecar.ts';

/** `node infra/bundle/main.ts`, part of `npm run build`: sidecar/dist, which `npm run start:sidecar` runs, and api/dist for Lambda and Workers. */

await bundleSidecar(fileURLToPath(new URL('../../sidecar/dist', import.meta.url)));
await bundleApi(fileURLToPath(new URL('../../api/dist', import.meta.url)));
