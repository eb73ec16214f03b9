import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(process.cwd(), 'src');
type Message = string | Record<string, string>;
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, Message>;
const exists = (path: string) => {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
};
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.(svelte|ts)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name) ? [path] : [];
  });
}
const holes = (message: Message) => [...new Set([...JSON.stringify(message).matchAll(/\{(\w+)\}/g)].map((hole) => hole[1]))].sort();

const code = sources(root)
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');
/** Keys made at run time: what stands before and after the hole of a template literal. */
const made = [...code.matchAll(/`([\w.]*\.)\$\{[^}`]*\}([\w.]*)`/g)].map(([, before, after]) => ({ before: before!, after: after! }));
const used = (key: string) =>
  new RegExp(`['"\`]${key.replaceAll('.', '\\.')}['"\`]`).test(code) || made.some(({ before, after }) => key.startsWith(before) && key.endsWith(after) && key.length > before.length + after.length);
/** Keys that the server names: where a promise comes from, per what a unit price is, what a refusal's code is. */
const named = (key: string) => /^(event|promise|posting|per)\.|^error(\.\w+){2,}\.(title|text)$/.test(key);

for (const [name, folder] of [
  ['the shop', join(root, 'i18n')],
  ['the console', join(root, 'console/i18n')],
] as const) {
  describe.skipIf(!exists(join(folder, 'en.json')))(`the words of ${name}`, () => {
    const [fr, en] = exists(join(folder, 'en.json')) ? [read(join(folder, 'fr.json')), read(join(folder, 'en.json'))] : [{}, {}];

    it('has the same keys in French and in English', () => {
      expect(Object.keys(fr).sort()).toEqual(Object.keys(en).sort());
    });
    it('has the same holes in both', () => {
      for (const key of Object.keys(en)) expect([key, holes(fr[key]!)]).toEqual([key, holes(en[key]!)]);
    });
    it('leaves no message empty', () => {
      for (const [key, message] of [...Object.entries(fr), ...Object.entries(en)]) expect([key, typeof message === 'string' ? message.trim() : message.other?.trim()]).not.toEqual([key, '']);
    });
    it('has no message that nothing shows', () => {
      expect(Object.keys(en).filter((key) => !named(key) && !used(key))).toEqual([]);
    });
  });
}

describe('the words that the code asks for', () => {
  it('are all there', () => {
    const all = new Set([...Object.keys(read(join(root, 'i18n/en.json'))), ...(exists(join(root, 'console/i18n/en.json')) ? Object.keys(read(join(root, 'console/i18n/en.json'))) : [])]);
    const asked = [...code.matchAll(/\bt\(\s*'([^']+)'/g)].map((call) => call[1]!);
    expect(asked.filter((key) => !all.has(key))).toEqual([]);
    expect(asked.length).toBeGreaterThan(100);
  });
});

/** Every catalogue in French, those of the lazy pages too. */
function catalogues(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? catalogues(path) : entry.name === 'fr.json' ? [path] : [];
  });
}
describe('French', () => {
  it.each(catalogues(root))('has typographic apostrophes in %s', (path) => {
    const straight = Object.entries(read(path)).filter(([, message]) => JSON.stringify(message).includes("'"));
    expect(straight).toEqual([]);
  });
});
