import { build, type PluginOption } from 'vite';
import { z } from 'zod';

const bundle = z.object({ output: z.array(z.object({ code: z.string() })) });

/** The code that Vite makes of a module by plugins, with all that it imports, for browsers. */
export async function built(entry: string, plugins: PluginOption): Promise<string> {
  const { output } = bundle.parse(
    await build({
      configFile: false,
      logLevel: 'silent',
      plugins: [
        {
          name: 'entry',
          resolveId: { order: 'pre', handler: (id) => (id === 'entry' ? id : undefined) },
          load: (id) => (id === 'entry' ? entry : undefined),
        },
        plugins,
      ],
      build: {
        write: false,
        minify: false,
        modulePreload: false,
        rolldownOptions: { input: 'entry', preserveEntrySignatures: 'strict' },
      },
    }),
  );
  return output.map(({ code }) => code).join('\n');
}

/** What such code exports. */
export function loaded<T>(code: string): Promise<T> {
  return import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);
}
