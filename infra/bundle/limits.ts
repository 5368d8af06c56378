import type { ApiBundle } from './api.ts';

/**
 * Bytes that a bundle of the API may have, as it is and gzipped: what it has (619,000 and 181,000 for Lambda, 603,000 and 177,000 for Workers) and a
 * quarter more. All of it is parsed while the first request of a cold start waits (npm run bench:cold-start), and Workers take 3 MB gzipped at most.
 */
export const bundleBytes: Readonly<Record<ApiBundle, { readonly raw: number; readonly gzip: number }>> = {
  lambda: { raw: 775_000, gzip: 226_000 },
  worker: { raw: 755_000, gzip: 222_000 },
};
