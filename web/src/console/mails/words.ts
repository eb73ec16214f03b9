/** The words of mails about orders: they come with their page, in both languages. */
import { locale } from '$lib/i18n.svelte';
import en from './i18n/en.json';
import fr from './i18n/fr.json';

export type Word = keyof typeof en;

/** The message of a key; a hole is filled by its parameter. */
export const w = (key: Word, params: Record<string, string> = {}): string =>
  (locale() === 'fr' ? fr : en)[key].replace(/\{(\w+)\}/g, (hole, name: string) => params[name] ?? hole);
