/** What meets a database by itself and so runs on a server with TimescaleDB as well as on a plain one; vitest.config.ts and the printed skip read this. */
export const timescaleCases = {
  drizzle: 'drizzle/**/*.test.ts',
  store: 'sidecar/src/store/**/*.test.ts',
  batch: 'sidecar/src/batch/**/*.test.ts',
  lead: 'sidecar/src/lead/**/*.test.ts',
  'queries of the API': 'api/src/**/*.test.ts',
  API: 'tests/api/**/*.test.ts',
};
