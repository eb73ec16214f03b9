/** Who is here, in which shop, at which touchpoint. Read once at the start, refreshed after signing in or out. */
import { api, speak, type Bootstrap, type Me, type Money } from './api';
import { locale, setLocale, type Locale } from './i18n.svelte';
import { keep, recall } from './storage';
import { touchpoint } from './touchpoint';

export { rememberTouchpoint, touchpoint } from './touchpoint';

const CURRENCY = 'halles.currency';
const boot = $state<{ now: Bootstrap | null; failed: unknown }>({ now: null, failed: null });

speak(locale);

/** `null` until the first answer. */
export const shop = (): Bootstrap | null => boot.now;
export const shopFailed = (): unknown => boot.failed;
export const me = (): Me | null => boot.now?.me ?? null;
/** Somebody with an account, not a guest. */
export const signedIn = (): boolean => !!boot.now?.me.signed_in && !boot.now.me.guest;
/** A session of whatever kind: a basket and a wallet can be kept. */
export const known = (): boolean => boot.now?.me.party_id != null;
export const is = (...roles: Me['roles']): boolean => !!boot.now?.me.roles.some((role) => roles.includes(role));

/** Currency in which prices are shown and paid: chosen here, else the account's, else the place's. */
export function currency(): string {
  const now = boot.now;
  const chosen = recall<string>(CURRENCY);
  if (chosen && now?.currencies.includes(chosen)) return chosen;
  return now?.currency ?? 'EUR';
}

export const noMoney = (): Money => ({ minor: 0, currency: currency() });

export async function startSession(language: string = locale()): Promise<void> {
  try {
    boot.now = await api.bootstrap(touchpoint(), language);
    boot.failed = null;
  } catch (error) {
    boot.failed = error;
  }
}

export function setMe(now: Me): void {
  if (boot.now) boot.now = { ...boot.now, me: now };
}

/** A shopper without an account becomes a guest at the first thing that needs to be kept. */
export async function ensureShopper(): Promise<void> {
  if (known()) return;
  setMe(await api.guest());
}

export async function chooseLocale(to: Locale): Promise<void> {
  await setLocale(to, true);
  if (known()) setMe(await api.saveMe({ locale: to }).catch(() => boot.now!.me));
}

export async function chooseCurrency(to: string): Promise<void> {
  keep(CURRENCY, to);
  if (boot.now) boot.now = { ...boot.now, currency: to };
  if (known()) setMe(await api.saveMe({ currency: to }).catch(() => boot.now!.me));
}

export async function signOut(): Promise<void> {
  await api.signOut();
  await import('./offline/shop').then((found) => found.forgetPerson()).catch(() => undefined);
  await startSession();
}
