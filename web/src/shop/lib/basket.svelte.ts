/** The basket as the server last told it. It is read when somebody with a session comes, and after every change. */
import { api, Problem, type Basket } from '$lib/api';
import { heard } from '$lib/signs.svelte';
import { locale } from '$lib/i18n.svelte';
import { currency, ensureShopper, known, touchpoint } from '$lib/session.svelte';
import { keptAddress } from './address';

const state = $state<{ now: Basket | null; error: unknown; loading: boolean; busy: number | null }>({ now: null, error: null, loading: false, busy: null });

export const basket = (): Basket | null => state.now;
export const basketError = (): unknown => state.error;
export const basketLoading = (): boolean => state.loading;
/** The variant whose quantity is being changed. */
export const changing = (): number | null => state.busy;
export const basketCount = (): number => state.now?.lines.reduce((sum, line) => sum + line.quantity, 0) ?? 0;

/** `country`: where it would go; the date depends on it. */
let country: string | null = keptAddress()?.country ?? null;
const query = () => ({ currency: currency(), country, touchpoint: touchpoint(), lang: locale() });

export function deliverTo(to: string): Promise<void> {
  country = to;
  return loadBasket();
}

export async function loadBasket(): Promise<void> {
  if (!known()) {
    state.now = null;
    return;
  }
  state.loading = true;
  try {
    state.now = await api.basket(query());
    state.error = null;
    heard();
  } catch (error) {
    state.error = error;
    heard(error);
  }
  state.loading = false;
}

/** Set how many of a variant lie in the basket; the first article makes a guest of a passer-by. Raises Problem and Offline. */
export async function setQuantity(variant_id: number, quantity: number, from: { match_id?: string | null } = {}): Promise<void> {
  state.busy = variant_id;
  try {
    await ensureShopper();
    const line = { quantity, match_id: (from.match_id || lineOf(variant_id)?.match_id) ?? null, touchpoint: touchpoint(), seller_id: lineOf(variant_id)?.seller_id ?? null };
    state.now = await api.setLine(variant_id, line, query()).catch(async (error: unknown) => {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      await api.guest(); // the session ended while the page was open
      return api.setLine(variant_id, line, query());
    });
    state.error = null;
  } finally {
    state.busy = null;
  }
}

export const lineOf = (variant_id: number) => state.now?.lines.find((line) => line.variant_id === variant_id) ?? null;

export function forgetBasket(): void {
  state.now = null;
}
