/** Things to show on the kit page; no server is asked. */
import type { Candidate, Money, ProductCard, Promise, TapeEvent } from '$lib/api';

export const eur = (minor: number): Money => ({ minor, currency: 'EUR' });
export const cny = (minor: number): Money => ({ minor, currency: 'CNY' });

const drawing = (fill: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 500"><rect width="400" height="500" fill="#EFEBE0"/><path d="M130 120l70-30 70 30 50 70-45 30-20-25v215H145V195l-20 25-45-30z" fill="${fill}"/></svg>`;
export const still = (fill = '#B98F5A') => `data:image/svg+xml,${encodeURIComponent(drawing(fill))}`;

export const card = (changes: Partial<ProductCard> = {}): ProductCard => ({
  product_id: '0199f3a2-7c1e-7b6a-9a51-0d7f6a3c0001',
  seller_id: 2,
  title: 'Camille trench coat',
  brand: 'Atelier Rivoli',
  category: 'fashion/coats',
  family: 'fashion',
  image: null,
  from_price: eur(18_900),
  label_price: cny(148_000),
  variant_count: 8,
  one_price: false,
  on_display: true,
  sellable: true,
  ...changes,
});

export const promise = (changes: Partial<Promise> = {}): Promise => ({
  kind: 'delivery',
  date: '2026-11-24',
  latest: null,
  lane: 'hub',
  from: 'Roissy hub',
  days: 3,
  confidence: 'kept',
  text_key: 'promise.hub',
  ...changes,
});

export const candidates: Candidate[] = [
  { product: card(), variant_id: null, score: 0.81 },
  { product: card({ product_id: '2', title: 'Lucien wool overcoat', from_price: eur(24_900), variant_count: 1, one_price: true, label_price: null }), variant_id: 12, score: 0.64 },
  { product: card({ product_id: '3', title: 'Anatole pea coat in very thick double-faced wool', from_price: eur(21_900) }), variant_id: null, score: 0.58 },
];

export const tape: TapeEvent[] = [
  { at: '2026-11-21T10:04:00Z', code: 'orders.placed', text: 'Order placed', by: 'shopper', detail: null },
  { at: '2026-11-21T15:20:00Z', code: 'orders.packed', text: 'Packed', by: 'staff:Sam', detail: { location: 'Roissy hub', pieces: 2 } },
  { at: '2026-11-22T07:45:00Z', code: 'orders.shipped', text: 'On its way', by: 'system', detail: null },
];

export interface Row {
  id: number;
  sku: string;
  title: string;
  stock: number | null;
  price: number;
}
export const rows: Row[] = [
  { id: 1, sku: 'AR-CAMILLE-SA-36', title: 'Camille trench coat', stock: 12, price: 18_900 },
  { id: 2, sku: 'GR-BOWL-LG', title: 'Grès salad bowl', stock: 3, price: 4_500 },
  { id: 3, sku: 'MV-CERISE-350', title: 'Cherry jam, 350 g', stock: null, price: 690 },
  { id: 4, sku: 'ET-ETAGERE', title: 'Étagère Noyer', stock: 0, price: 32_000 },
];
