import { fileURLToPath } from 'node:url';
import { bundleApi } from './api.ts';
import { bundleProgram } from './program.ts';

/** `node infra/bundle/main.ts`, part of `npm run build`, after the console: dist, the program for Node, and api/dist for Lambda and Workers. */

await bundleProgram(fileURLToPath(new URL('../../dist', import.meta.url)));
await bundleApi(fileURLToPath(new URL('../../api/dist', import.meta.url)));
