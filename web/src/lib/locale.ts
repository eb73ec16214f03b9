/** Which language the reader wants. No message is loaded here: the first script of a page asks before anything is painted. */

export type Locale = 'fr' | 'en';
export const LOCALES: readonly Locale[] = ['fr', 'en'];
const KEPT = 'halles.locale';

/** The language chosen before, else the browser's first that we speak, else English. */
export function preferredLocale(): Locale {
  const wanted = [kept(), ...navigator.languages].map((tag) => tag?.slice(0, 2));
  return (wanted.find((tag) => LOCALES.includes(tag as Locale)) as Locale | undefined) ?? 'en';
}

export function keepLocale(locale: Locale): void {
  try {
    localStorage.setItem(KEPT, locale);
  } catch {
    // storage is switched off: the choice lasts for this page
  }
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
