export const STATES = ['placed', 'packed', 'shipped', 'delivered', 'cancelled', 'returned'] as const;
export type OrderState = (typeof STATES)[number];
export type Verb = 'pack' | 'ship' | 'deliver' | 'cancel' | 'take-back';

const NEXT: Partial<Record<OrderState, Verb>> = { placed: 'pack', packed: 'ship', shipped: 'deliver' };

/** The one step forward from a state; null where the order is at its end. */
export function next(state: string): Verb | null {
  return NEXT[state as OrderState] ?? null;
}

/** The order changes no more by itself. */
export const finished = (state: string): boolean => state === 'delivered' || state === 'cancelled' || state === 'returned';

/** What an event carries, as a line of text; null when nothing. */
export function detailText(detail: Record<string, unknown> | string | null): string | null {
  if (detail === null || typeof detail === 'string') return detail || null;
  const told = Object.entries(detail).filter(([, value]) => value !== null && value !== '' && typeof value !== 'object');
  return told.length > 0 ? told.map(([name, value]) => `${name.replaceAll('_', ' ')}: ${String(value)}`).join(', ') : null;
}

/** Before goods leave the house an order can still be cancelled by staff. */
export function cancellable(state: string): boolean {
  return state === 'placed' || state === 'packed';
}

/** Goods that were delivered can come back, whole. */
export const returnable = (state: string): boolean => state === 'delivered';

/** Steps that move goods or money for good: they need a word of confirmation. */
export function irreversible(verb: Verb): boolean {
  return verb === 'ship' || verb === 'cancel' || verb === 'take-back';
}
