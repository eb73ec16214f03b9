import type { Location, Movement, StockRow, StockVerb } from '../api';

export const rowKey = (row: StockRow): string => `${row.location.location_id}/${row.variant_id}`;

/** Locations seen so far and in these rows, by name. The same list back when nothing is new. */
export function locationsOf(seen: Location[], rows: readonly StockRow[]): Location[] {
  const fresh = new Map(rows.map((row) => [row.location.location_id, row.location]));
  for (const one of seen) fresh.delete(one.location_id);
  if (fresh.size === 0) return seen;
  return [...seen, ...fresh.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** A whole number that a person typed, with a sign if `signed`; null when it is not one. */
export function parseCount(text: string, signed: boolean): number | null {
  const plain = text.replace(/[\s\u00a0\u202f]/g, '').replace('−', '-');
  if (!(signed ? /^[+-]?\d{1,9}$/ : /^\d{1,9}$/).test(plain)) return null;
  return Number(plain);
}

/** How much would be on hand after a command; what a person checks before they press. */
export function after(verb: StockVerb, on_hand: number, quantity: number): number {
  return verb === 'count' ? quantity : on_hand + quantity;
}

const ORDER_CAUSES: readonly string[] = ['reserved', 'released', 'shipped', 'returned'];

/** Orders caused this movement, and `refs` are theirs; else it was a person's command. */
export const byOrders = (move: Movement): boolean => move.reason !== 'reservation' && ORDER_CAUSES.includes(move.cause);
