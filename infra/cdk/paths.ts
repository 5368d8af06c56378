/** Paths that the API answers; all others are the console's. Held against its route table by a test. */
export const apiPaths = ['/api/*', '/openapi.json', '/docs*', '/healthz', '/login*', '/auth/*', '/logout'] as const;
