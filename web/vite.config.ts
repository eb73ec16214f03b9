import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { homePicture } from './scripts/home.ts';
import { icons } from './scripts/icons.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const outDir = process.env.HALLES_WEB_OUT ?? here('../src/halles/edge/static');
const wanted = process.env.HALLES_WEB_ENTRIES?.split(',') ?? ['index', 'console', 'kit'];
const api = process.env.HALLES_API ?? 'http://127.0.0.1:8000';

/** In development each entry answers at the address it has in the app: /console/… and /kit beside the shop. */
function entries(): Plugin {
  return {
    name: 'halles-entries',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const page = /^\/(console|kit)(?=$|[/?#])(?!.*\.\w+(\?|$))/.exec(request.url ?? '')?.[1];
        if (page) request.url = `/${page}.html`;
        next();
      });
    },
  };
}

/** The demo shop's own icons replace the plain mark of `public/` once they have been drawn. */
function demoIcons(): Plugin {
  const drawn = here('../src/halles/edge/demo/catalogue');
  return {
    name: 'halles-demo-icons',
    apply: 'build',
    writeBundle() {
      if (!existsSync(drawn)) return;
      for (const name of readdirSync(drawn).filter((name) => /^icon.*\.(png|svg)$/.test(name))) {
        copyFileSync(`${drawn}/${name}`, `${outDir}/${name}`);
      }
    },
  };
}

/** Large wasm beside itself compressed, so that the server need not do it at every start. */
function zippedWasm(): Plugin {
  return {
    name: 'halles-zipped-wasm',
    apply: 'build',
    writeBundle() {
      const folder = `${outDir}/assets`;
      for (const name of readdirSync(folder).filter((name) => name.endsWith('.wasm'))) {
        const file = `${folder}/${name}`;
        if (statSync(file).size > 500_000) writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
      }
    },
  };
}

/** ZBar for the server's reader of bars (src/halles/vision/adapters/zbar.py), with the licence that it comes under. No page loads it. */
function serversZbar(): Plugin {
  return {
    name: 'halles-zbar',
    apply: 'build',
    writeBundle() {
      const from = here('./node_modules/@undecaf/zbar-wasm');
      mkdirSync(`${outDir}/zbar`, { recursive: true });
      copyFileSync(`${from}/dist/zbar.wasm`, `${outDir}/zbar/zbar.wasm`);
      copyFileSync(`${from}/LICENSE`, `${outDir}/zbar/LICENSE`);
      copyFileSync(here('./scripts/zbar-notice.txt'), `${outDir}/zbar/NOTICE`);
    },
  };
}

/** What the shop's pages can ask for, from Vite's own manifest: the staff's pages stay off the shoppers' phones. */
function shopFiles(): Set<string> {
  type Chunk = { file: string; css?: string[]; imports?: string[]; dynamicImports?: string[] };
  const manifest = JSON.parse(readFileSync(`${outDir}/.vite/manifest.json`, 'utf8')) as Record<string, Chunk>;
  const files = new Set<string>();
  const walk = (name: string): void => {
    const chunk = manifest[name];
    if (!chunk || files.has(chunk.file)) return;
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
    for (const next of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])]) walk(next);
  };
  walk('index.html');
  return files;
}

const BASE = new RegExp(
  [
    'node_modules/(svelte|esm-env|clsx)/',
    '@lucide/svelte/dist/(?!icons/)',
    'src/lib/(api/|ids|storage|theme|(i18n|resource|router|session|signs)\\.svelte)',
    'src/lib/components/(ErrorNote|LanguageSwitch|Note|Picture|Signs|Skeleton|Slate|Spin|Touch)\\.svelte',
    'icons/(check|hourglass|circle-slash|cloud-off|history|info|circle-alert)\\.',
    'vite/(preload-helper|modulepreload-polyfill)',
  ].join('|'),
);

const FIRST = /src\/shop\/lib\/(address|basket|families|pending|visits)|components\/ProductCard|icons\/(camera|chevron-right|package|search|shopping-basket|store|user-round)\./;

export default defineConfig({
  plugins: [
    tailwindcss(),
    icons(),
    svelte(),
    svelteTesting(),
    entries(),
    demoIcons(),
    zippedWasm(),
    serversZbar(),
    homePicture(),
    VitePWA({
      registerType: 'autoUpdate',
      injectRegister: false,
      // Icons belong to the system once installed. Precached they would be listed twice, and a worker refuses two versions of one file.
      includeManifestIcons: false,
      manifest: {
        id: '/',
        name: 'Halles',
        short_name: 'Halles',
        description: 'Photograph it, buy it, know when it arrives.',
        lang: 'en',
        start_url: '/?t=web',
        scope: '/',
        display: 'standalone',
        background_color: '#FBF7EF',
        theme_color: '#12442F',
        categories: ['shopping'],
        icons: [
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
        shortcuts: [{ name: 'Photograph', url: '/scan', icons: [{ src: '/icon-192.png', sizes: '192x192' }] }],
      },
      // Our own worker: besides the shell it keeps, it sends orders that wait (src/sw.ts).
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      injectManifest: {
        rollupFormat: 'iife',
        globPatterns: ['index.html', 'assets/*.{js,css}', 'assets/*-latin-{soft,wght}-normal-*.woff2'],
        manifestTransforms: [(files) => ({ manifest: files.filter((file) => shopFiles().has(file.url) || !/\.(js|css)$/.test(file.url)), warnings: [] })],
      },
    }),
  ],
  worker: { format: 'es' },
  resolve: { alias: { $lib: here('./src/lib') } },
  build: {
    outDir,
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    rollupOptions: {
      input: wanted.map((name) => here(`./${name}.html`)),
      output: {
        // What only the staff needs carries its name, so that the shoppers' phones need not keep it.
        chunkFileNames: ({ moduleIds }) => `assets/${moduleIds.some((id) => id.includes('/src/console/')) ? 'console-' : ''}[name]-[hash].js`,
        // What every first screen needs travels together: thirty small files compress and arrive worse than one.
        codeSplitting: { groups: [{ name: 'base', test: BASE }, { name: 'first', test: FIRST }] },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(['/api', '/media', '/01', '/s/'].map((path) => [path, { target: api }])),
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test/setup.ts'],
  },
});
