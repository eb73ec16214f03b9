/**
 * The basket without a network: what the server last told, with what was changed on this phone since, less what waits to be ordered.
 * Changes say how many pieces there are to be, not how many more, so that bringing them to the server twice is bringing them once.
 */
import type { Basket, BasketLine } from '../api/types';
import { change, read } from './db';
import { outbox } from './outbox';
import { Shelves, type ProductPart } from './shelves';
import { keptAnswer } from './shop';

export interface Change {
  quantity: number;
  match_id: string | null;
  seller_id: number | null;
}
export type Changes = Record<number, Change>;
const KEY = 'basket';
/** The last basket that the server told, under one name whatever it was asked with. */
export const BASKET = '/api/basket';

export const changes = async (): Promise<Changes> => (await read<Changes>('state', KEY)) ?? {};

export async function setOffline(variant_id: number, line: Change): Promise<void> {
  await change<Changes>('state', KEY, (now) => ({ ...now, [variant_id]: line }));
}

/** Forget a change that the server has taken, unless it was changed again meanwhile. */
export async function taken(variant_id: number, line: Change): Promise<void> {
  await change<Changes>('state', KEY, (now) => {
    if (now?.[variant_id]?.quantity !== line.quantity) return now;
    return Object.fromEntries(Object.entries(now).filter(([key]) => Number(key) !== variant_id));
  });
}

export async function basket(currency: string): Promise<Basket> {
  const [shelves, changed, waiting, kept] = await Promise.all([Shelves.open(), changes(), outbox(), keptAnswer(BASKET)]);
  const base = (kept?.body ?? null) as Basket | null;
  const ordered = new Map<number, number>();
  for (const one of waiting.filter((found) => found.state === 'waiting' || found.state === 'sign_in')) {
    for (const line of one.order.lines) ordered.set(line.variant_id, (ordered.get(line.variant_id) ?? 0) + line.quantity);
  }
  const home = new Map<number, ProductPart>();
  for (const product of shelves.products) for (const own of product.variants) home.set(own.variant_id, product);
  const wanted = new Map<number, { quantity: number; match_id: string | null; was: BasketLine | null }>();
  for (const line of base?.lines ?? []) wanted.set(line.variant_id, { quantity: line.quantity, match_id: line.match_id, was: line });
  for (const [variant_id, found] of Object.entries(changed)) wanted.set(Number(variant_id), { quantity: found.quantity, match_id: found.match_id, was: wanted.get(Number(variant_id))?.was ?? null });
  const lines: BasketLine[] = [];
  for (const [variant_id, found] of wanted) {
    const quantity = found.quantity - (ordered.get(variant_id) ?? 0);
    const line = quantity > 0 ? lineOf(shelves, home.get(variant_id) ?? null, variant_id, quantity, found) : null;
    if (line) lines.push(line);
  }
  return put(lines, base, currency, (line) => includedTax(line.line_total?.minor ?? 0, shelves.offer(line.variant_id)?.tax?.rate_bp ?? 0));
}

function lineOf(shelves: Shelves, product: ProductPart | null, variant_id: number, quantity: number, found: { match_id: string | null; was: BasketLine | null }): BasketLine | null {
  if (!product) return found.was && { ...found.was, quantity, available: 'no', unit_price: null, line_total: null, promise: null };
  const own = product.variants.find((one) => one.variant_id === variant_id)!;
  const now = shelves.variant(own);
  return {
    seller_id: product.seller_id,
    variant_id,
    product_id: product.product_id,
    title: product.title,
    options: own.options,
    image: own.images[0] ?? product.images[0]?.name ?? null,
    quantity,
    unit_price: now.price,
    was_price: found.was?.unit_price ?? null,
    line_total: now.price && { minor: now.price.minor * quantity, currency: now.price.currency },
    available: now.available,
    left: now.left,
    match_id: found.match_id,
    promise: now.promise,
  };
}

/** The tax contained in a gross amount, rounded half to even, as the server does. */
export function includedTax(gross: number, rate_bp: number): number {
  const by = 10_000 + rate_bp;
  const [whole, rest] = [Math.floor((gross * rate_bp) / by), (gross * rate_bp) % by];
  return whole + Number(rest * 2 > by || (rest * 2 === by && whole % 2 === 1));
}

function put(lines: BasketLine[], base: Basket | null, currency: string, taxOf: (line: BasketLine) => number): Basket {
  const total = { minor: lines.reduce((sum, line) => sum + (line.line_total?.minor ?? 0), 0), currency };
  const tax = { minor: lines.reduce((sum, line) => sum + taxOf(line), 0), currency };
  const promises = lines.map((line) => line.promise);
  // The whole comes when the last of it does.
  const promise = promises.length && promises.every(Boolean) ? promises.reduce((one, two) => ((two!.latest ?? two!.date) > (one!.latest ?? one!.date) ? two : one))! : null;
  const sellers = [...new Set(lines.map((line) => line.seller_id))];
  return {
    seller_id: base?.seller_id ?? sellers[0] ?? 0,
    currency,
    lines,
    total,
    tax,
    promise,
    problems: lines.filter((line) => line.available === 'no').map((line) => ({ code: 'inventory.insufficient_stock', variant_id: line.variant_id, detail: '' })),
    parts: sellers.map((seller_id) => {
      const own = lines.filter((line) => line.seller_id === seller_id);
      return { seller_id, seller: base?.parts.find((one) => one.seller_id === seller_id)?.seller ?? null, lines: own, total: { minor: own.reduce((sum, line) => sum + (line.line_total?.minor ?? 0), 0), currency }, tax: { minor: own.reduce((sum, line) => sum + taxOf(line), 0), currency }, promise };
    }),
    reservation: null,
    wallet: base?.wallet ?? null,
    enough: (base?.wallet?.available.minor ?? 0) >= total.minor,
  };
}
