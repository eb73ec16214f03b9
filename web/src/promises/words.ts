/** The words of the console's promises, apart from the rest: they come with the first page that needs them, in both languages. */
import { date, locale, number } from '$lib/i18n.svelte';
import { countryName } from '$lib/names';
import en from './i18n/en.json';
import fr from './i18n/fr.json';

export type Word = keyof typeof en;

/** The message of a key; a hole is filled by its parameter. */
export function w(key: Word, params: Record<string, string | number> = {}): string {
  return (locale() === 'fr' ? fr : en)[key].replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = params[name];
    return value === undefined ? hole : typeof value === 'number' ? number(value) : value;
  });
}

/** Days of the week in bits, Monday the lowest, as people say them: `Mon–Fri`, `Mon, Wed`. */
export function week(bits: number): string {
  const names = [...Array(7).keys()].map((day) => date(`2026-11-0${day + 2}`, { weekday: 'short' }));
  const on = names.map((_, day) => (bits >> day) & 1);
  const first = on.indexOf(1);
  const last = on.lastIndexOf(1);
  if (last - first > 1 && on.slice(first, last + 1).every(Boolean)) return `${names[first]}–${names[last]}`;
  return names.filter((_, day) => on[day]).join(', ');
}

/** Who answers for a leg, as people call them: the customs by their country, which the server writes `customs FR`. */
export const answers = (kind: string, owner: string): string => (kind === 'customs' ? countryName(owner.slice(-2)) : owner);
