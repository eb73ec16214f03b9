/** The words of the consent to be measured: they come with it, in both languages. What is asked itself comes from the server. */
import { locale } from '$lib/i18n.svelte';
import en from './i18n/en.json';
import fr from './i18n/fr.json';

export type Word = keyof typeof en;
export const m = (key: Word, params: Record<string, string> = {}): string => (locale() === 'fr' ? fr : en)[key].replace(/\{(\w+)\}/g, (hole, name: string) => params[name] ?? hole);
