import type { Money } from '../api';

/** Sums by currency, in the order of their codes. Of a whole ledger each is zero. */
export function sums(amounts: readonly Money[]): Money[] {
  const by = new Map<string, number>();
  for (const { minor, currency } of amounts) by.set(currency, (by.get(currency) ?? 0) + minor);
  return [...by].sort(([a], [b]) => a.localeCompare(b)).map(([currency, minor]) => ({ currency, minor }));
}
