/**
 * What happens by itself: the shop is kept fresh, orders that wait are sent, a basket changed without a network is brought back. All
 * of it at leisure, and again whenever there is hope: at the start, when the network returns, when the page is looked at again.
 */
import { BASKET, changes, taken, type Change } from './basket';
import { loadClock } from './moment';
import { flush, watchOutbox, type Flushed } from './outbox';
import { alone, keptShop, syncShop, type ShopQuery, type Synced } from './shop';
import { keepPictures } from './pictures';

/** How old the shop may get while the page is looked at, ms. */
const EVERY = 5 * 60_000;

export interface Hooks {
  query: () => ShopQuery;
  /** Whether this device is to carry the shop: in a showroom always, elsewhere when it was asked to. */
  wanted: () => boolean;
  synced: (found: Synced) => void;
  flushed: (found: Flushed) => void;
  changed: () => void;
  /** The basket was brought to the server. */
  brought: () => void;
}

let last = 0;

export function start(hooks: Hooks): () => void {
  let ended = false;
  const all = async (): Promise<void> => {
    if (ended || navigator.onLine === false) return;
    await loadClock();
    const found = await flush();
    if (found.sent) hooks.flushed(found);
    if (found.away) return;
    if (await bring()) hooks.brought();
    if (!hooks.wanted() || Date.now() - last < EVERY) return;
    await refresh(hooks);
  };
  const seen = () => void (document.visibilityState === 'visible' && all());
  const online = () => {
    last = 0;
    void all();
  };
  const timer = setInterval(() => void all(), EVERY);
  const quiet = watchOutbox(hooks.changed);
  window.addEventListener('online', online);
  document.addEventListener('visibilitychange', seen);
  void all();
  return () => {
    ended = true;
    clearInterval(timer);
    quiet();
    window.removeEventListener('online', online);
    document.removeEventListener('visibilitychange', seen);
  };
}

/** Bring the shop up to date now, then its pictures and what recognises photos. */
export async function refresh(hooks: Hooks): Promise<Synced> {
  const found = await syncShop(hooks.query());
  if (found.kind !== 'away') last = Date.now();
  hooks.synced(found);
  if (found.kept && found.kind !== 'away' && !sparing()) {
    if (found.kind !== 'full') await keepPictures();
    const vision = await import('../vision');
    await vision.prepare(found.kept.query.touchpoint).catch(() => undefined);
    hooks.changed();
  }
  return found;
}

/** The reader asked their browser to spend few bytes. */
export const sparing = (): boolean => !!(navigator as Navigator & { connection?: { saveData?: boolean } }).connection?.saveData;

/** Bring the basket's changes to the server; true when it took any. */
async function bring(): Promise<boolean> {
  return alone('halles.basket', async () => {
    const lines = Object.entries(await changes());
    if (!lines.length) return false;
    const kept = await keptShop();
    if (!(await known())) return false;
    for (const [variant_id, line] of lines) {
      const status = await put(Number(variant_id), line, kept?.query ?? null);
      if (status === null || status >= 500 || status === 429 || status === 401) return false;
      await taken(Number(variant_id), line);
    }
    return true;
  });
}

async function known(): Promise<boolean> {
  const me = await fetch('/api/bootstrap', { credentials: 'same-origin' }).then((answer) => answer.json() as Promise<{ me?: { party_id: number | null } }>).catch(() => null);
  if (!me?.me) return false;
  if (me.me.party_id !== null) return true;
  return fetch('/api/guest', { method: 'POST', credentials: 'same-origin' }).then((answer) => answer.ok).catch(() => false);
}

async function put(variant_id: number, line: Change, query: ShopQuery | null): Promise<number | null> {
  const asked = query ? `?currency=${query.currency}` : '';
  const body = JSON.stringify({ quantity: line.quantity, match_id: line.match_id, touchpoint: query?.touchpoint ?? null, seller_id: line.seller_id });
  return fetch(`${BASKET}/lines/${variant_id}${asked}`, { method: 'PUT', credentials: 'same-origin', headers: { 'content-type': 'application/json' }, body })
    .then((answer) => answer.status)
    .catch(() => null);
}
