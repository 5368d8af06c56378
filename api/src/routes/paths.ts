/** Where every endpoint with telemetry lives (interfaces.md §1). */
export const basePath = '/api/admin/observability';

/** Where a browser begins to sign in, and where the identity provider sends it back to. */
export const signInPath = '/auth/start';
export const callbackPath = '/auth/callback';
