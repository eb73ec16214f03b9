/** The shop on this device, begun once the first screen is done: kept fresh, its orders sent, its signs shown. */
import { api, reached, wakeDevice } from '$lib/api';
import { locale, t } from '$lib/i18n.svelte';
import { BOOT, NOT_MET } from '$lib/offline/answers';
import { clockIsOff, loadClock } from '$lib/offline/moment';
import { outbox, type Waiting } from '$lib/offline/outbox';
import { keepAnswer, keptShop } from '$lib/offline/shop';
import { refresh, sparing, start, type Hooks } from '$lib/offline/start';
import { show } from '$lib/offline/state.svelte';
import { o } from '$lib/offline/words';
import { go } from '$lib/router.svelte';
import { currency, known, me, shop, startSession, touchpoint } from '$lib/session.svelte';
import { sign } from '$lib/signs.svelte';
import { keep, recall } from '$lib/storage';
import { loadBasket } from './basket.svelte';

const CHOICE = 'halles.carry';
/** What the shopper said about carrying the shop; null: nothing. */
export const choice = (): boolean | null => recall<boolean>(CHOICE);
export const choose = (yes: boolean): void => keep(CHOICE, yes);

async function look(): Promise<void> {
  await loadClock();
  const [kept, waiting] = await Promise.all([keptShop().catch(() => undefined), outbox().catch(() => [])]);
  show({ kept: kept ?? null, waiting, clock: clockIsOff() });
}

const hooks: Hooks = {
  query: () => ({ touchpoint: touchpoint(), currency: currency(), lang: locale() }),
  wanted: () => !!shop() && reached() && (choice() ?? (!!shop()!.place && !sparing())),
  synced: (found) => {
    show({ full: found.kind === 'full' });
    void look();
  },
  flushed: (found) => {
    found.placed.forEach(placed);
    if (found.asks.length) sign('refused', o('outbox.asks', { n: found.asks.length }), { label: o('outbox.look'), run: () => go('/orders') }, true);
    void met();
  },
  changed: () => void look(),
  brought: () => void met(),
};

function placed(one: Waiting): void {
  sign('done', t('pending.placed', { number: one.placed?.number ?? '' }), { label: t('pending.see'), run: () => go(`/orders/${one.order.order_id}`) });
}

/** The server may have met this phone's guest meanwhile. */
async function met(): Promise<void> {
  if (!known() || me()?.party_id === NOT_MET) await startSession();
  await loadBasket();
}

let begun = false;
export async function begin(): Promise<void> {
  if (begun) return;
  begun = true;
  await Promise.all([look(), wakeDevice()]);
  const now = shop();
  if (now && reached()) {
    void keepAnswer(BOOT, now, Date.now());
    // What is theirs, as it is now, for when it cannot be asked.
    if (known()) void Promise.all([api.basket({ ...hooks.query(), country: null }), api.orders(locale()), api.wallet()]).catch(() => undefined);
  }
  start(hooks);
}

/** Take the shop now, because somebody asked. */
export async function carry(): Promise<void> {
  choose(true);
  await navigator.storage?.persist?.().catch(() => false);
  await refresh(hooks);
}
export { look };
