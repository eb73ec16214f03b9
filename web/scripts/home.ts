import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build, type Plugin, type Rollup } from 'vite';
import { icons } from './icons.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const alias = { $lib: here('../src/lib') };
const shared = { configFile: false, logLevel: 'error', resolve: { alias } } as const;

/**
 * The home page painted before the first script runs: its markup, in every language, is written into index.html when the pages are
 * built, and a script of a few hundred bytes (`entries/early.ts`) decides which one is shown. The app then brings it to life.
 */
export function homePicture(): Plugin {
  return {
    name: 'halles-home',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const page = bundle['index.html'];
        if (page?.type !== 'asset') return;
        const words = Object.values(bundle).flatMap((file) => {
          const locale = file.type === 'chunk' ? /\/src\/i18n\/(\w+)\.json$/.exec(file.facadeModuleId ?? '')?.[1] : undefined;
          return locale ? [[locale, `/${file.fileName}`]] : [];
        });
        const early = this.emitFile({ type: 'asset', name: 'early.js', source: await earlyScript(Object.fromEntries(words)) });
        const pictures = Object.entries(await drawn()).map(([locale, markup]) => `<div data-picture="${locale}" lang="${locale}">${markup}</div>`);
        page.source = String(page.source)
          .replace('<meta charset="utf-8" />', `$&\n    <script src="/${this.getFileName(early)}"></script>`)
          .replace('<!-- home -->', () => pictures.join(''));
      },
    },
  };
}

async function earlyScript(words: Record<string, string>): Promise<string> {
  const made = await build({
    ...shared,
    define: { WORDS: JSON.stringify(words) },
    build: { write: false, target: 'es2022', lib: { entry: here('../src/entries/early.ts'), formats: ['iife'], name: 'early' } },
  });
  return codeOf(made);
}

async function drawn(): Promise<Record<string, string>> {
  const made = await build({
    ...shared,
    plugins: [icons(), svelte({ configFile: here('../svelte.config.js') })],
    build: { write: false, ssr: here('../src/entries/home.ts'), rollupOptions: { output: { codeSplitting: false } } },
  });
  const folder = here('../node_modules/.halles');
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/home-${process.pid}.mjs`;
  writeFileSync(file, codeOf(made));
  try {
    const { pictures } = (await import(pathToFileURL(file).href)) as typeof import('../src/entries/home');
    return await pictures();
  } finally {
    rmSync(file);
  }
}

function codeOf(made: Awaited<ReturnType<typeof build>>): string {
  const [only] = [made].flat() as Rollup.RollupOutput[];
  return only!.output[0].code;
}
