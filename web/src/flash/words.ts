/** The words of flash sales, apart from the shop's: they come with the first page that needs them, in both languages. */
import { locale, localeTag, number } from '$lib/i18n.svelte';
import en from './i18n/en.json';
import fr from './i18n/fr.json';

type Message = string | { one: string; other: string };
export type Word = keyof typeof en;

/** The message of a key; a hole is filled by its parameter, and `{one, other}` is chosen by `n`. */
export function w(key: Word, params: Record<string, string | number> = {}): string {
  const found = (locale() === 'fr' ? fr : en)[key] as Message;
  const few = typeof found === 'object' && new Intl.PluralRules(localeTag()).select(Number(params.n)) === 'one';
  const text = typeof found === 'string' ? found : few ? found.one : found.other;
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = params[name];
    return value === undefined ? hole : typeof value === 'number' ? number(value) : value;
  });
}

/** A wait as people say it: `40 s`, `3 min`, `2 h`. */
export function span(seconds: number): string {
  if (seconds < 90) return w('unit.s', { n: Math.max(5, Math.ceil(seconds / 5) * 5) });
  if (seconds < 5400) return w('unit.min', { n: Math.round(seconds / 60) });
  return w('unit.h', { n: Math.round(seconds / 3600) });
}

/** A countdown: `1:04:09`, `12:05`, `0:07`. */
export function clock(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, at) => (at ? String(part).padStart(2, '0') : String(part))).join(':');
}
