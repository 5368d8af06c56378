import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: 'dist',
    // Browsers that know light-dark(): Baseline 2024, and no polyfill doubles the tokens.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
  },
});
