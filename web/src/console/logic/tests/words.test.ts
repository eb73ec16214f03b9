import { describe, expect, it } from 'vitest';
import en from '../../i18n/en.json';
import fr from '../../i18n/fr.json';

const holes = (message: unknown) => [...JSON.stringify(message).matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).filter((name) => name !== 'one' && name !== 'other');
const sources = import.meta.glob<string>(['../../**/*.svelte', '../../logic/*.ts'], { query: '?raw', import: 'default', eager: true });

describe('the words of the console', () => {
  it('exist in both languages, with the same holes', () => {
    expect(Object.keys(fr)).toEqual(Object.keys(en));
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect(new Set(holes(fr[key])), key).toEqual(new Set(holes(en[key])));
  });

  it('are there for every key that a page asks for', () => {
    const known = Object.keys(en);
    for (const [file, text] of Object.entries(sources)) {
      for (const [, key] of text.matchAll(/\bt\('(console\.[\w.-]+)'/g)) expect(known, `${file}: ${key}`).toContain(key);
      for (const [, stem] of text.matchAll(/\bt\(`(console\.[\w.-]+)\$\{/g)) {
        expect(known.some((key) => key.startsWith(stem!)), `${file}: ${stem}…`).toBe(true);
      }
    }
  });
});
