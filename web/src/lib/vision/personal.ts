/** What this shopper has to do with a product: in the basket, bought before, a note of their own that never leaves this phone. */
import { api, type OrderLight } from '$lib/api';
import { keep, recall } from '$lib/storage';

const NOTES = 'halles.notes';
const LONGEST_NOTE = 200;

export const noteOn = (product_id: string): string => recall<Record<string, string>>(NOTES)?.[product_id] ?? '';

/** An empty text removes the note. */
export function writeNote(product_id: string, text: string): void {
  const notes = { ...recall<Record<string, string>>(NOTES) };
  const plain = text.trim().slice(0, LONGEST_NOTE);
  if (plain) notes[product_id] = plain;
  else delete notes[product_id];
  keep(NOTES, Object.keys(notes).length ? notes : null);
}

/** When each variant was last bought, of the latest orders, ISO; empty for who has none or when nobody answers. */
export async function bought(lang: string): Promise<ReadonlyMap<number, string>> {
  try {
    const orders = await api.orders(lang);
    return lastBought(orders.items);
  } catch {
    return new Map();
  }
}

export function lastBought(orders: readonly OrderLight[]): Map<number, string> {
  const found = new Map<number, string>();
  for (const order of orders) {
    if (order.state === 'cancelled') continue;
    for (const { variant_id } of order.lines) if ((found.get(variant_id) ?? '') < order.placed_at) found.set(variant_id, order.placed_at);
  }
  return found;
}
