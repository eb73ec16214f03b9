import type { Role } from '../api';

export type Section =
  | 'live' | 'orders' | 'stock' | 'products' | 'samples' | 'flash' | 'promises' | 'imports' | 'assortments' | 'measure' | 'door' | 'places' | 'accounts' | 'events';

/** Who sees which section, in the order of the navigation. */
const ACCESS: readonly (readonly [Section, readonly Role[]])[] = [
  ['live', ['head_office']],
  ['orders', ['staff', 'head_office', 'merchant']],
  ['stock', ['staff', 'head_office', 'merchant']],
  ['products', ['staff', 'head_office', 'merchant']],
  ['samples', ['staff', 'head_office', 'merchant']],
  ['flash', ['staff', 'head_office', 'merchant']],
  ['promises', ['staff', 'head_office', 'merchant']],
  ['imports', ['staff', 'head_office', 'merchant']],
  ['assortments', ['staff', 'head_office', 'merchant']],
  ['measure', ['head_office', 'merchant']],
  ['door', ['staff', 'head_office', 'merchant']],
  ['places', ['staff', 'head_office']],
  ['accounts', ['head_office', 'operator']],
  ['events', ['head_office', 'operator']],
];

/** The sections that a person with these roles may open, in order. Empty: the console is not for them. */
export function sections(roles: readonly string[]): Section[] {
  return ACCESS.filter(([, allowed]) => allowed.some((role) => roles.includes(role))).map(([section]) => section);
}

/** May do what moves goods or money: packing, stock commands. A merchant reads; staff and head office act. */
export function acts(roles: readonly string[]): boolean {
  return roles.includes('staff') || roles.includes('head_office');
}
