import type { ApiBundle } from './api.ts';

/**
 * Bytes of a bundle of the API: `start`, what is loaded before the first request and what its cold start waits for (npm run bench:cold-start), and all
 * of it gzipped, of which Workers take 3 MB at most. What there is (224,000 and 368,000 for Lambda, 125,000 and 270,000 for Workers) and a quarter more.
 */
export const bundleBytes: Readonly<Record<ApiBundle, { readonly start: number; readonly gzip: number }>> = {
  lambda: { start: 280_000, gzip: 460_000 },
  worker: { start: 156_000, gzip: 337_000 },
};
