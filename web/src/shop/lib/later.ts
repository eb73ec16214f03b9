/** An order that cannot leave now: kept with what the shopper saw, for the outbox to send. Fetched only when it is needed. */
import type { Basket, OrderPlace } from '$lib/api';
import { loadClock, serverNow } from '$lib/offline/moment';
import { flush, queue } from '$lib/offline/outbox';
import { keptShop } from '$lib/offline/shop';
import { NOT_MET } from '$lib/offline/answers';
import { me } from '$lib/session.svelte';
import { look } from './device';
import { inWords } from './variants';

/** Keep an order until the network is back. Raises Full where the device has no room even for that. */
export async function orderLater(order: OrderPlace, basket: Basket, sent: boolean): Promise<void> {
  await loadClock();
  const kept = await keptShop().catch(() => undefined);
  const who = me();
  await queue({
    order: { ...order, quote: kept?.query.currency === order.currency ? kept.quote || null : null },
    lines: basket.lines.map((line) => ({ product_id: line.product_id, variant_id: line.variant_id, title: line.title, options: inWords(line.options), image: line.image, quantity: line.quantity })),
    made_at: serverNow(),
    shown_at: kept?.read_at || null,
    who: { party_id: who?.party_id || null, guest: !who || who.guest || who.party_id === null || who.party_id === NOT_MET },
    sent,
  });
  await look();
  void flush();
}

/** A day so many days later, `YYYY-MM-DD`. */
export function daysLater(day: string, days: number): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
