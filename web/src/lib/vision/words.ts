/** The words of looking live, apart from the shop's: they come with the camera's page. */
import { locale, localeTag, number } from '../i18n.svelte';
import en from './i18n/en.json';
import fr from './i18n/fr.json';

export type Word = keyof typeof en;

/** The message of a key; a hole is filled by its parameter, `{one, other}` is chosen by `n`. */
export function w(key: Word, params: Record<string, string | number> = {}): string {
  const found: string | { one: string; other: string } = (locale() === 'fr' ? fr : en)[key];
  const text = typeof found === 'string' ? found : new Intl.PluralRules(localeTag()).select(Number(params.n)) === 'one' ? found.one : found.other;
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = params[name];
    return value === undefined ? hole : typeof value === 'number' ? number(value) : value;
  });
}
