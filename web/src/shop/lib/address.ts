/** Where to deliver: kept on this device, checked before it travels. */
import type { ShipTo } from '$lib/api';
import { keep, recall } from '$lib/storage';

const KEPT = 'halles.address';
export const COUNTRIES = ['FR', 'BE', 'LU', 'CH', 'MC', 'DE', 'NL', 'ES', 'IT', 'PT', 'GB', 'IE', 'AT'];

export const emptyAddress = (country = 'FR'): ShipTo => ({ name: '', line1: '', postcode: '', city: '', country });
export const keptAddress = (): ShipTo | null => recall<ShipTo>(KEPT);
export const keepAddress = (address: ShipTo | null): void => keep(KEPT, address);

/** The fields that are not filled as they should be. */
export function missing(address: ShipTo): (keyof ShipTo)[] {
  const wrong: (keyof ShipTo)[] = (['name', 'line1', 'city'] as const).filter((field) => address[field].trim().length < 2);
  if (!/^[\p{L}\d][\p{L}\d -]{2,9}$/u.test(address.postcode.trim())) wrong.push('postcode');
  return wrong;
}

export const looksLikeEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(text.trim());
