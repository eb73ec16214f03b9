/** Names that the browser knows by itself. */
import { localeTag } from './i18n.svelte';

/** A country as the reader calls it; the code where there is no such country. */
export function countryName(code: string): string {
  try {
    return new Intl.DisplayNames(localeTag(), { type: 'region', fallback: 'code' }).of(code.toUpperCase()) ?? code;
  } catch {
    return code;
  }
}
