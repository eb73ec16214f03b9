/** What was bought together: the parts of a basket of several sellers are one purchase. */
interface Part {
  order_id: string;
  parent_id?: string | null;
}
export interface Purchase<T> {
  /** The order that stands for all of them: its page shows every part. */
  id: string;
  parts: T[];
}

/** Orders of a list as purchases, each where its first part stands. `more`: the list goes on, so a purchase at its end that may be
 * cut is left out, unless it is all there is. */
export function purchases<T extends Part>(orders: readonly T[], more = false): Purchase<T>[] {
  const found = new Map<string, Purchase<T>>();
  for (const order of orders) {
    const id = order.parent_id ?? order.order_id;
    const known = found.get(id);
    if (known) known.parts.push(order);
    else found.set(id, { id, parts: [order] });
  }
  for (const one of found.values()) one.parts.sort((a, b) => Number(b.order_id === one.id) - Number(a.order_id === one.id));
  const all = [...found.values()];
  return more && all.length > 1 && orders.at(-1)?.parent_id ? all.slice(0, -1) : all;
}

/** How many rows of the list are parts of each purchase of several sellers. */
export function together(orders: readonly Part[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { parent_id } of orders) if (parent_id) counts.set(parent_id, (counts.get(parent_id) ?? 0) + 1);
  return counts;
}
