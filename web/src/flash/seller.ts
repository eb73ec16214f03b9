/** Who acts for several sellers says for which: the shop's own if it is theirs, else their first. */
import { me, shop } from '$lib/session.svelte';

export function mySeller(): number | undefined {
  const mine = me()?.seller_ids ?? [];
  const own = shop()?.seller.seller_id;
  if (mine.length < 2) return undefined;
  return own !== undefined && mine.includes(own) ? own : mine[0];
}
