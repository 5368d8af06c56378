import type { ApiBundle } from './api.ts';

/**
 * Bytes that a bundle of the API may have, as it is and gzipped: what it has (567,000 and 176,000 for Lambda, 554,000 and 173,000 for Workers) and a
 * quarter more. All of it is parsed while the first request of a cold start waits (npm run bench:cold-start), and Workers take 3 MB gzipped at most.
 */
export const bundleBytes: Readonly<Record<ApiBundle, { readonly raw: number; readonly gzip: number }>> = {
  lambda: { raw: 710_000, gzip: 220_000 },
  worker: { raw: 690_000, gzip: 216_000 },
};
