/**
 * Words and numbers in the reader's language. Messages live in `src/i18n/{fr,en}.json`, the console's own in
 * `src/console/i18n/{fr,en}.json`; a message is a sentence with `{name}` holes, or `{one, other}` chosen by `n`.
 */
import type { Money } from './api/types';
import { keepLocale, LOCALES, preferredLocale, type Locale } from './locale';
import type en from '../i18n/en.json';

export { LOCALES, preferredLocale, type Locale };
export type Key = keyof typeof en;
export type Params = Record<string, string | number>;
type Plural = Partial<Record<Intl.LDMLPluralRule, string>>;
export type Catalogue = Record<string, string | Plural>;
type Source = Record<Locale, () => Promise<{ default: Catalogue }>>;

const TAGS: Record<Locale, string> = { fr: 'fr-FR', en: 'en-GB' };
const sources: Source[] = [{ fr: () => import('../i18n/fr.json'), en: () => import('../i18n/en.json') }];

let current = $state<Locale>('en');
let messages = $state.raw<Catalogue>({});

export const locale = (): Locale => current;
export const localeTag = (): string => TAGS[current];

/** Another entry's messages, merged over the shared ones from the next `setLocale` on. */
export function addMessages(source: Source): void {
  sources.push(source);
}

/** Load the words of a language, then show them everywhere at once. `keep`: remember it as the reader's choice. */
export async function setLocale(to: Locale, keep = false): Promise<void> {
  const parts = await Promise.all(sources.map((source) => source[to]()));
  messages = Object.assign({}, ...parts.map((part) => part.default)) as Catalogue;
  current = to;
  if (typeof document !== 'undefined') document.documentElement.lang = to;
  if (keep) keepLocale(to);
}

/** The message of a key. A key made at run time is checked by `has` first. */
export function t(key: Key | `console.${string}`, params: Params = {}): string {
  const found = messages[key];
  const text = typeof found === 'object' ? (found[plural(Number(params.n))] ?? found.other) : found;
  return text === undefined ? key : fill(text, params);
}

export const has = (key: string): key is Key => key in messages;

/** The first of these keys that has a message: `say('refusal.stock', 'refusal.any')`. */
export function say(keys: string[], params: Params = {}): string {
  const key = keys.find(has);
  return key ? t(key, params) : (keys.at(-1) ?? '');
}

const fill = (text: string, params: Params) =>
  text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = params[name];
    return value === undefined ? hole : typeof value === 'number' ? number(value) : value;
  });

const plural = (n: number) => cached(Intl.PluralRules, {}).select(n);

export const number = (value: number, options?: Intl.NumberFormatOptions): string =>
  !options && Number.isInteger(value) && value >= 0 && value < 1_000 ? String(value) : cached(Intl.NumberFormat, options ?? {}).format(value);

export const percent = (share: number): string => number(share, { style: 'percent', maximumFractionDigits: 1 });

/** An amount as people write it here. Exact: the minor units are shifted as text, never divided. */
export function money(amount: Money, options: Intl.NumberFormatOptions = {}): string {
  const format = cached(Intl.NumberFormat, { style: 'currency', currency: amount.currency, currencyDisplay: 'narrowSymbol', ...options });
  return format.format(`${amount.minor}E-${digits(amount.currency)}` as Intl.StringNumericLiteral);
}

/** Digits after the point of a currency: 2 for EUR, 0 for JPY. */
export const digits = (currency: string): number =>
  cached(Intl.NumberFormat, { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** A day or a moment. `2026-11-25` is that day wherever the reader is; a time stamp is told in the reader's zone. */
export function date(when: string | Date, options: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'long' }): string {
  const day = typeof when === 'string' && /^\d{4}-\d\d-\d\d$/.test(when);
  return cached(Intl.DateTimeFormat, day ? { ...options, timeZone: 'UTC' } : options).format(new Date(when));
}

export const time = (when: string | Date): string => date(when, { hour: '2-digit', minute: '2-digit' });
export const moment = (when: string | Date): string =>
  date(when, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

export const list = (items: string[]): string => cached(Intl.ListFormat, { type: 'conjunction' }).format(items);

const formats = new Map<string, unknown>();
/** Formatters are costly to make: one for each kind, language and set of options. */
function cached<F, O>(Format: new (tag: string, options: O) => F, options: NoInfer<O>): F {
  const key = `${Format.name} ${localeTag()} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Format(localeTag(), options));
  return formats.get(key) as F;
}
