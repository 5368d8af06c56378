import type { Plugin } from 'rolldown';

const noLocales = '\0zod-without-locales';

/** zod's messages in fifty languages: a quarter of a bundle, read at every cold start, and nothing of ours asks for one. English is imported apart. */
export const withoutLocales: Plugin = {
  name: 'without-locales',
  resolveId: (id, importer) =>
    /\/locales\/index\.(c?js)$/.test(id) && /[\\/]zod[\\/]/.test(importer ?? '') ? noLocales : undefined,
  load: (id) => (id === noLocales ? 'export {};' : undefined),
};
