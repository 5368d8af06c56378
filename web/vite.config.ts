import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type UserConfig } from 'vite';
import { lean } from './lean.ts';
import { compileSchemas } from './schemas/compileSchemas.ts';

/** Where `npm start` serves the API that a console under development asks. */
const api = 'http://127.0.0.1:4319';

export default defineConfig(
  async ({ mode }): Promise<UserConfig> => ({
    plugins: [
      svelte({
        configFile: false,
        compilerOptions: {
          runes: true,
          // Both for their size.
          fragments: 'tree',
          cssHash: ({ hash, filename }) => `s${hash(filename ?? '').slice(0, 4)}`,
        },
      }),
      compileSchemas(),
      lean(),
      ...(mode === 'states' ? [(await import('./dev/fixtures.ts')).fixtures()] : []),
    ],
    build: {
      outDir: 'dist',
      // What of others is in the page, for the bill of materials (infra/bundle/packages.ts).
      license: { fileName: 'licences.json' },
      // One file of what the page opens with: parts of it that tabs use as well would be files of their own, and compress less.
      rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } } },
      // The browsers below preload modules by themselves.
      modulePreload: { polyfill: false },
      // Browsers that know light-dark(): Baseline 2024, so that no polyfill doubles the tokens.
      target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    },
    server: { proxy: mode === 'states' ? {} : { '/api': api, '/login': api, '/logout': api } },
  }),
);
