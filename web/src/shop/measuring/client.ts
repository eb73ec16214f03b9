/** Consent to tie visits to orders, over HTTP. */
import { del, get, put } from '$lib/api';
import { locale } from '$lib/i18n.svelte';
import { uuid7 } from '$lib/ids';
import { touchpoint } from '$lib/session.svelte';

export interface Asked {
  seller: string;
  agreed: boolean | null;
  at: string | null;
  text_version: number;
  text: string;
  language: 'en' | 'fr';
  ask: boolean;
}

const BASE = '/api/me/measuring';
/** Where all that is kept is, as a file. */
export const KEPT = `${BASE}/kept`;
export const asked = () => get<Asked>(BASE, { lang: locale(), touchpoint: touchpoint() ?? undefined });
export const answer = (to: Asked, agreed: boolean, consent_id = uuid7()) =>
  put<Asked>(BASE, { consent_id, agreed, text_version: to.text_version, language: to.language, touchpoint: touchpoint() });
export const forget = () => del<void>(BASE);
