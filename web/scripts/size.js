// First screen of the shop: scripts and styles that must arrive before it lives, gzipped. The document, with the home page in it, is told apart. Fails above the budget.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUDGET = 60 * 1024;
const out = process.env.HALLES_WEB_OUT ?? fileURLToPath(new URL('../../src/halles/edge/static', import.meta.url));
const manifest = JSON.parse(readFileSync(join(out, '.vite/manifest.json'), 'utf8'));

/** The entry, what it imports at once, and the larger of the two catalogues. */
const files = new Set();
const walk = (key) => {
  const chunk = manifest[key];
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) walk(next);
};
walk('index.html');
const weigh = (file) => gzipSync(readFileSync(join(out, file)), { level: 9 }).length;
const words = ['fr', 'en'].map((locale) => manifest[`src/i18n/${locale}.json`].file).sort((one, two) => weigh(two) - weigh(one))[0];
files.add(words);
files.add(readdirSync(join(out, 'assets')).map((name) => `assets/${name}`).find((name) => /\/early-.*\.js$/.test(name)));

let total = 0;
for (const [size, file] of [...files].map((file) => [weigh(file), file]).sort((one, two) => two[0] - one[0])) {
  total += size;
  console.log(`${(size / 1024).toFixed(1).padStart(6)} kB  ${file}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(6)} kB  first screen, of ${BUDGET / 1024}`);
console.log(`${(weigh('index.html') / 1024).toFixed(1).padStart(6)} kB  index.html beside it`);
if (total > BUDGET) {
  console.error('The first screen is too heavy.');
  process.exit(1);
}
