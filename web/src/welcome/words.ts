/** The words of a place's door, apart from the rest: they come with the first page that needs them, in both languages. */
import { date, locale, localeTag, number } from '$lib/i18n.svelte';
import type { Both } from './client';
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

export const hasWord = (key: string): key is Word => key in en;

/** A text of the place in the reader's language. */
export const both = (text: Both): string => text[locale()] || text.en;

/** A clock time where the place is. */
export const clockAt = (moment: string, timeZone: string): string => date(moment, { hour: '2-digit', minute: '2-digit', timeZone });
/** A day where the place is: `Saturday 21 November`. */
export const dayAt = (moment: string, timeZone: string): string => date(moment, { weekday: 'long', day: 'numeric', month: 'long', timeZone });

/** The date of a moment where the place is: `2026-11-21`. */
export const isoDayAt = (moment: string, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(moment));

/** A moment where the place is: the clock alone on the same day, with the day otherwise. */
export function sinceAt(moment: string, now: string, timeZone: string): string {
  const day = (when: string) => date(when, { day: 'numeric', month: 'numeric', year: 'numeric', timeZone });
  return day(moment) === day(now) ? clockAt(moment, timeZone) : date(moment, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone });
}

/** A wait as people say it, rounded up to what can be known: under five minutes, then fives. */
export function wait(seconds: number): string {
  if (seconds < 300) return w('wait.short');
  return w('wait.about', { n: Math.ceil(seconds / 300) * 5 });
}

/** Numbers that follow each other as ranges: `41–43, 45`. */
export function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const one of [...numbers].sort((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last && one === last[1] + 1) last[1] = one;
    else parts.push([one, one]);
  }
  return parts.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
}
