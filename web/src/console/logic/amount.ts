import { digits } from '$lib/i18n.svelte';
import type { Money } from '../api';


/**
 * Minor units of an amount that a person typed, or null when it is not one.
 *
 * Comma and point both separate decimals; spaces may group thousands. `1.234` in a two-decimal currency is refused, since
 * it may mean either: a price is never guessed.
 */
export function parseMinor(text: string, currency: string): number | null {
  const places = digits(currency);
  const match = /^(\d+)(?:[.,](\d+))?$/.exec(text.replace(/[\s\u00a0\u202f]/g, ''));
  if (!match) return null;
  const fraction = match[2] ?? '';
  if (fraction.length > places) return null;
  const minor = Number(match[1]) * 10 ** places + Number(fraction.padEnd(places, '0') || '0');
  return Number.isSafeInteger(minor) ? minor : null;
}

/** An amount in plain digits, exact: `12.40`. What a spreadsheet and a number field take. */
export function decimal(money: Money): string {
  const places = digits(money.currency);
  const text = String(Math.abs(money.minor)).padStart(places + 1, '0');
  const sign = money.minor < 0 ? '-' : '';
  return places === 0 ? sign + text : `${sign}${text.slice(0, -places)}.${text.slice(-places)}`;
}

/** An amount as a person would type it into a field: `12,40` in French, `12.40` in English. */
export const typed = (money: Money, locale: string): string => (locale.startsWith('fr') ? decimal(money).replace('.', ',') : decimal(money));
