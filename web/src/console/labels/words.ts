/** The words of shelf labels and rates: they come with the pages that need them, in both languages. */
import { locale, localeTag, number } from '$lib/i18n.svelte';
import en from './i18n/en.json';
import fr from './i18n/fr.json';

export type Word = keyof typeof en;

/** The message of a key; a hole is filled by its parameter, and `{one, other}` is chosen by `n`. */
export function w(key: Word, params: Record<string, string | number> = {}): string {
  const found = (locale() === 'fr' ? fr : en)[key] as string | { one: string; other: string };
  const few = typeof found !== 'string' && new Intl.PluralRules(localeTag()).select(Number(params.n)) === 'one';
  const text = typeof found === 'string' ? found : few ? found.one : found.other;
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = params[name];
    return value === undefined ? hole : typeof value === 'number' ? number(value) : value;
  });
}

/** A word that the server names, or what it named when there is none for it. */
export const named = (group: string, name: string): string => (`${group}.${name}` in en ? w(`${group}.${name}` as Word) : name);
