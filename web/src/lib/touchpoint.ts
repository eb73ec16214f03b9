/** Where the shopper came in: the `?t=` of the address they opened, remembered for this visit. */
import { keep, recall } from './storage';

const KEPT = 'halles.touchpoint';

export const touchpoint = (): string | null => recall<string>(KEPT, { session: true });

export function rememberTouchpoint(search: string): void {
  const code = new URLSearchParams(search).get('t');
  if (code && /^[\w.-]{1,64}$/.test(code)) keep(KEPT, code, { session: true });
}
