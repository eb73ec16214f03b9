/** The words of measuring: they come with its page, in both languages. */
import { locale, localeTag, number } from '$lib/i18n.svelte';
import en from './i18n/en.json';
import fr from './i18n/fr.json';

type Message = string | { one: string; other: string };
export type Word = keyof typeof en;

/** The message of a key; a hole is filled by its parameter, and `{one, other}` is chosen by `n`. */
export function w(key: Word, params: Record<string, string | number> = {}): string {
  const found = (locale() === 'fr' ? fr : en)[key] as Message;
  const one = typeof found === 'object' && new Intl.PluralRules(localeTag()).select(Number(params.n)) === 'one';
  const text = typeof found === 'string' ? found : one ? found.one : found.other;
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = params[name];
    return value === undefined ? hole : typeof value === 'number' ? number(value) : value;
  });
}
