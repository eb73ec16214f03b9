/** The shop's parts on this device put together again, as the API would tell them: cards, pages, searches, codes. */
import type { Bootstrap, Category, Money, Page, Product, ProductCard, Promise as Delivery, Scanned, Variant } from '../api/types';
import { part, partsOf } from './shop';
import { serverNow } from './moment';

type Own = Pick<Variant, 'variant_id' | 'sku' | 'gtin' | 'options' | 'images'>;
export type ProductPart = Omit<Product, 'from_price' | 'label_price' | 'variant_count' | 'one_price' | 'sellable' | 'variants' | 'json_ld'> & { variants: Own[] };
export type OfferPart = Omit<Variant, keyof Own | 'promise'> & {
  /** The end announced for this price, ISO; null: none is. */
  until: string | null;
  /** The key of its promise. */
  promise: string | null;
};
export type About = Pick<Bootstrap, 'seller' | 'place' | 'currencies' | 'currency' | 'label_currency'> & { country: string };

export const about = (): Promise<About | null> => part<About>('a:shop');

/** Everything needed to put pages together, read once a question. */
export class Shelves {
  private constructor(
    readonly products: ProductPart[],
    private readonly offers: Map<string, OfferPart>,
    private readonly promises: Map<string, Delivery>,
  ) {}

  static async open(): Promise<Shelves> {
    const [products, offers, promises] = await Promise.all([partsOf<ProductPart>('p:'), partsOf<OfferPart>('v:'), partsOf<Delivery>('w:')]);
    return new Shelves(products.map(([, product]) => product), new Map(offers), new Map(promises.map(([key, promise]) => [`w:${key}`, promise])));
  }

  offer(variant_id: number): OfferPart | null {
    return this.offers.get(String(variant_id)) ?? null;
  }

  /** A promise whose latest day has passed is none any more. */
  promise(offer: OfferPart | null): Delivery | null {
    const found = offer?.promise ? (this.promises.get(offer.promise) ?? null) : null;
    return found && (found.latest ?? found.date) >= new Date(serverNow()).toISOString().slice(0, 10) ? found : null;
  }

  /** A price that was announced to end, and has, is not shown any more. */
  price(offer: OfferPart | null): Money | null {
    return offer?.until && Date.parse(offer.until) <= serverNow() ? null : (offer?.price ?? null);
  }

  variant(own: Own): Variant {
    const offer = this.offer(own.variant_id);
    const price = this.price(offer);
    return {
      ...own,
      price,
      was_price: price ? offer?.was_price : null,
      label_price: price ? (offer?.label_price ?? null) : null,
      rate_date: offer?.rate_date ?? null,
      unit_price: price ? (offer?.unit_price ?? null) : null,
      tax: price ? (offer?.tax ?? null) : null,
      available: price ? (offer?.available ?? 'no') : 'no',
      left: offer?.left ?? null,
      promise: this.promise(offer),
    };
  }

  card(product: ProductPart): ProductCard {
    const variants = product.variants.map((own) => this.variant(own));
    const priced = variants.filter((one) => one.price).sort((one, two) => one.price!.minor - two.price!.minor);
    const cheapest = priced.find((one) => one.available !== 'no') ?? priced[0] ?? null;
    return {
      product_id: product.product_id,
      seller_id: product.seller_id,
      title: product.title,
      brand: product.brand,
      category: product.category,
      family: product.family,
      image: product.image,
      from_price: cheapest?.price ?? null,
      label_price: cheapest?.label_price ?? null,
      variant_count: variants.length,
      one_price: new Set(priced.map((one) => one.price!.minor)).size <= 1,
      on_display: product.on_display,
      sellable: variants.some((one) => one.available !== 'no'),
    };
  }

  page(product: ProductPart): Product {
    return {
      ...this.card(product),
      description: product.description,
      origin: product.origin,
      attributes: product.attributes,
      images: product.images,
      variants: product.variants.map((own) => this.variant(own)),
      json_ld: null,
    };
  }
}

export async function product(product_id: string): Promise<Product | null> {
  const found = await part<ProductPart>(`p:${product_id}`);
  return found && (await Shelves.open()).page(found);
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
/** What a search looks at, the most telling first. */
const words = (one: ProductPart): string[] => [one.title, one.brand ?? '', one.category.replaceAll('/', ' '), one.description, ...one.attributes.map((found) => found.value)].map(plain);

/** How well a product answers a question: every word must begin a word of it; 0 where one does not. */
export function score(product_: ProductPart, question: string): number {
  const asked = plain(question).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const texts = words(product_);
  let sum = 1;
  for (const word of asked) {
    const at = texts.findIndex((text) => text.split(/[^\p{L}\p{N}]+/u).some((one) => one.startsWith(word)));
    const bySku = product_.variants.some((own) => plain(own.sku) === word || own.gtin?.endsWith(word.padStart(8, '0')));
    if (at < 0 && !bySku) return 0;
    sum += bySku ? 100 : 10 - at;
  }
  return sum;
}

/** A page of cards. The cursor is how many were shown before. */
export async function search(query: Record<string, unknown>): Promise<Page<ProductCard>> {
  const shelves = await Shelves.open();
  const { q, category, family } = query as Record<string, string | undefined>;
  const ranked = shelves.products
    .filter((one) => (!category || one.category === category || one.category.startsWith(`${category}/`)) && (!family || one.family === family))
    .map((one) => ({ one, score: q ? score(one, q) : Number(one.on_display) + 1 }))
    .filter((found) => found.score > 0)
    .sort((a, b) => b.score - a.score || (a.one.product_id < b.one.product_id ? -1 : 1));
  const from = Number(String(query.cursor ?? '').replace('device.', '')) || 0;
  const limit = Number(query.limit ?? 24);
  const next = from + limit < ranked.length ? `device.${from + limit}` : null;
  return { items: ranked.slice(from, from + limit).map((found) => shelves.card(found.one)), next };
}

export async function categories(): Promise<Category[]> {
  return (await partsOf<Category>('c:')).map(([, one]) => one).sort((one, two) => (one.category < two.category ? -1 : 1));
}

/** Where a code leads, among what is on this device: a sample's own code, else a GTIN in any of its lengths. */
export async function scan(code: string): Promise<Scanned | null> {
  const text = code.trim();
  const own = (/\/s\/([^?#]+)/.exec(text)?.[1] ?? text).toUpperCase();
  const sample = await part<{ product_id: string; variant_id: number | null; sample_id: number }>(`s:${own}`);
  if (sample) return { product_id: sample.product_id, variant_id: sample.variant_id, gtin: null, sample_id: sample.sample_id };
  const gtin = (/(?:\/01\/|^\(01\))(\d{8,14})/.exec(text)?.[1] ?? (/^\d{8,14}$/.test(text) ? text : ''))?.padStart(14, '0');
  if (!gtin.trim() || /^0+$/.test(gtin)) return null;
  for (const [, one] of await partsOf<ProductPart>('p:')) {
    const variant = one.variants.find((found) => found.gtin === gtin);
    if (variant) return { product_id: one.product_id, variant_id: variant.variant_id, gtin, sample_id: null };
  }
  return null;
}
