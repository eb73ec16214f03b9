/**
 * What the API would say, from what is on this device. `client.ts` asks here when the network does not answer; what is not known
 * here stays unanswered (`undefined`), and the page says that the network is away. Names a `Problem` where the shop itself would.
 */
import { Problem, type Options } from '../api/client';
import type { Bootstrap, Me, PhotoAnswer } from '../api/types';
import { basket, BASKET, changes, setOffline } from './basket';
import { loadClock } from './moment';
import { outbox } from './outbox';
import { about, categories, product, scan, search, Shelves } from './shelves';
import { keepAnswer, keptAnswer, keptShop } from './shop';

export const BOOT = '/api/bootstrap';
/** A guest whom the server has not met yet: made one in earnest when the network is back. */
export const NOT_MET = 0;
const VISITOR: Me = { signed_in: false, guest: false, party_id: null, name: null, email: null, locale: 'en', roles: [], seller_ids: [], has_passkey: false, currency: 'EUR' };

const missing = (code: string) => new Problem(404, { code, detail: '', title: '' });

export async function answer(method: string, path: string, options: Options): Promise<unknown> {
  const kept = await keptShop().catch(() => undefined);
  if (!kept?.read_at) return path === BOOT || method === 'GET' ? lastSaid(path) : undefined;
  await loadClock();
  const [, id] = /^\/api\/(?:products|scan|basket\/lines)\/([^/?]+)$/.exec(path) ?? [];
  if (method === 'GET') {
    if (path === BOOT) return bootstrap();
    if (path === '/api/products') return search(options.query ?? {});
    if (path === '/api/categories') return categories();
    if (path.startsWith('/api/products/') && id) return (await product(decodeURIComponent(id))) ?? raise('catalog.unknown_product');
    if (path.startsWith('/api/scan/') && id) return (await scan(decodeURIComponent(id))) ?? raise('catalog.unknown_code');
    if (path === BASKET) return basket(kept.query.currency);
    return lastSaid(path);
  }
  if (method === 'POST' && path === '/api/guest') return { ...VISITOR, guest: true, party_id: NOT_MET };
  if (method === 'PUT' && path.startsWith('/api/basket/lines/') && id) {
    const line = options.body as { quantity: number; match_id?: string | null; seller_id?: number | null };
    await setOffline(Number(id), { quantity: line.quantity, match_id: line.match_id || null, seller_id: line.seller_id ?? null });
    return basket(kept.query.currency);
  }
  if (method === 'POST' && path === '/api/photos' && options.body instanceof Blob) return recognised(options.body);
  return undefined;
}

function raise(code: string): never {
  throw missing(code);
}

async function lastSaid(path: string): Promise<unknown> {
  return (await keptAnswer(path).catch(() => undefined))?.body;
}

/** Who was here when the server was last heard, in the shop that is on this phone. */
async function bootstrap(): Promise<Bootstrap | undefined> {
  const [last, here] = [(await lastSaid(BOOT)) as Bootstrap | undefined, await about()];
  if (!here) return last;
  const { country: _, ...shop } = here;
  const rest = last ?? { touchpoint: null, languages: ['fr', 'en'], demo: false, me: VISITOR, payments: { provider: null, publishable_key: null }, version: '' };
  const busy = rest.me.party_id === null && (Object.keys(await changes()).length > 0 || (await outbox()).length > 0);
  return { ...rest, ...shop, ...(busy ? { me: { ...VISITOR, guest: true, party_id: NOT_MET } } : {}) };
}

/** Recognition on the phone: its candidates with the names and prices that are here. Undefined where there is none to ask. */
async function recognised(photo: Blob): Promise<PhotoAnswer | undefined> {
  const vision = await import('../vision');
  try {
    const said = await vision.recognise(photo);
    const shelves = await Shelves.open();
    const byId = new Map(shelves.products.map((one) => [one.product_id, one]));
    const named = said.gtin ? await scan(said.gtin) : said.code ? await scan(said.code) : null;
    const asked = named ? [{ product_id: named.product_id, variant_id: named.variant_id, score: 1 }] : said.candidates;
    const candidates = asked.flatMap((one) => {
      const found = byId.get(one.product_id);
      return found ? [{ product: shelves.card(found), variant_id: one.variant_id, score: one.score }] : [];
    });
    const outcome = named ? 'product' : !candidates.length ? 'unknown' : said.outcome === 'unknown' ? 'unknown' : candidates.length === 1 ? 'product' : said.outcome;
    return { match_id: '', outcome, by: named ? 'barcode' : 'picture', gtin: said.gtin, candidates: outcome === 'unknown' ? [] : candidates, took_ms: said.took_ms };
  } catch (error) {
    if (error instanceof Error && error.name === 'NotReady') return undefined;
    throw error;
  }
}

/** Answers that show how things stand are kept under their path, for when there is none: the last one wins. */
const KEEP = [/^\/api\/bootstrap$/, /^\/api\/basket$/, /^\/api\/orders$/, /^\/api\/orders\/[\da-f-]{36}$/, /^\/api\/wallet$/];
export function remember(method: string, path: string, options: Options, said: unknown): void {
  if (method === 'PUT' && path.startsWith('/api/basket/lines/')) void keepAnswer(BASKET, said, Date.now());
  if (method !== 'GET' || options.query?.cursor || !KEEP.some((one) => one.test(path))) return;
  void keepAnswer(path, said, Date.now());
}
