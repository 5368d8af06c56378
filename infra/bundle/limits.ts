import type { ApiBundle } from './api.ts';

/**
 * Bytes of a bundle of the API: `start`, what is loaded before the first request and what its cold start waits for (npm run bench:cold-start), and all
 * of it gzipped, of which Workers take 3 MB at most. What there is (240,000 and 204,000 for Lambda, 141,000 and 200,000 for Workers) and a quarter more.
 */
export const bundleBytes: Readonly<Record<ApiBundle, { readonly start: number; readonly gzip: number }>> = {
  lambda: { start: 300_000, gzip: 255_000 },
  worker: { start: 177_000, gzip: 250_000 },
};
