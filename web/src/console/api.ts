/** The console's API, one function a route, on the shared client. Shapes as the server sends them. */
import { me, shop } from '$lib/session.svelte';
import { ask, del, get, post, put, type CardPart, type CardRefund, type Image, type Money, type Option, type Page, type Posting, type Promise as Delivery, type TapeEvent } from '$lib/api';

export type { Image, Money, Option, Page, Posting, Role, TapeEvent } from '$lib/api';

/** A text in both languages of the house. */
export interface Both {
  fr: string;
  en: string;
}

export interface ProductRow {
  product_id: string;
  title: Both;
  brand: string | null;
  category: string;
  family: string;
  image: Image | null;
  variants: number;
  price: Money | null;
  stock: number;
  state: ProductState;
  updated_at: string;
}
export type ProductState = 'active' | 'hidden';
export interface Attribute {
  name: string;
  label?: string | null;
  value: string;
}
export interface StockAt {
  location: Location;
  on_hand: number;
  reserved: number;
  safety: number;
  ring_fenced: number;
  sellable: number;
  /** For whom the ring-fenced pieces are kept; what is not named waits for a flash sale. In the stock list only. */
  kept_for?: { kind: string; key: string; name: string | null; pieces: number }[];
}
export interface VariantFull {
  variant_id: number;
  sku: string;
  gtin: string | null;
  options: Option[];
  images: string[];
  prices: Money[];
  stock: StockAt[];
}
/** What a person edits of a product in one piece. */
export interface ProductEdit {
  title: Both;
  description: Both;
  brand: string | null;
  category: string;
  attributes: Attribute[];
  state: ProductState;
}
export interface ProductFull extends ProductEdit {
  product_id: string;
  family: string;
  images: Image[];
  updated_at: string;
  variants: VariantFull[];
  samples: { sample_id: number; code: string; position: string; place: { place_id: number; name: string } }[];
}

/** How long a price that a phone showed is honoured; null: nothing was called back. */
export interface ShownTerms {
  honour_hours: number;
  not_before: string | null;
}

export interface Rejection {
  line: number;
  field: string | null;
  reason: string;
}
export interface Import {
  import_id: string;
  /** The file's own name. */
  source: string;
  state: 'running' | 'done' | 'failed';
  total: number | null;
  created: number;
  changed: number;
  unchanged: number;
  rejected: number;
  /** The first of the rejected lines. */
  errors: Rejection[];
  /** Why the import stopped, when it did. */
  failure: string | null;
  started_at: string;
  finished_at?: string | null;
}

export type Hours = Record<string, [string, string][]>;
export interface PlaceEdit {
  code: string;
  name: string;
  kind: string;
  line1: string | null;
  postcode: string | null;
  city: string;
  country: string;
  latitude: number | null;
  longitude: number | null;
  timezone: string;
  currency: string;
  label_currency: string | null;
  capacity: number | null;
  opening_hours: Hours;
}
export interface Place extends PlaceEdit {
  place_id: number;
  samples: number;
  version: number;
  etag: string;
}
export interface Sample {
  sample_id: number;
  code: string;
  product_id: string;
  variant_id: number | null;
  position: string;
  title: Both;
  image: Image | null;
  options: Option[];
  price: Money | null;
}
export interface Touchpoint {
  touchpoint_id: number;
  code: string;
  kind: string;
  place: { place_id: number; name: string } | null;
  url: string;
}

export interface Party {
  party_id: number;
  name: string | null;
}
export interface OrderLine {
  variant_id: number;
  product_id?: string;
  title: string;
  options: Option[];
  image: Image | string | null;
  quantity: number;
  unit_price: Money;
  line_total: Money;
}
export interface OrderRow {
  order_id: string;
  number: string;
  /** The same on all parts of a basket that was bought of several sellers. */
  parent_id?: string | null;
  state: string;
  payment: string;
  pay_by?: string | null;
  placed_at: string;
  total: Money;
  pieces: number;
  owner: Party;
  promise: Delivery | null;
}
/** `quantity`: pieces of this order in the movement. */
export interface OrderMovement {
  at: string;
  cause: string;
  location_id: number;
  variant_id: number;
  quantity: number;
  by: string;
}
/** Money from one account to another. */
export interface OrderPosting {
  posting_id: string;
  at: string;
  kind: string;
  amount: Money;
  text: string;
  debit: Party;
  debit_kind: string;
  credit: Party;
  credit_kind: string;
}
export interface OrderEvent extends Omit<TapeEvent, 'detail'> {
  detail: Record<string, unknown> | string | null;
}
/** `simple`: the promised lane, then the fullest location; otherwise in the order that the seller's rule preferred them. */
export interface Sourced {
  rule: 'simple' | 'weighted';
  split: 'never' | 'lines' | 'pieces';
  locations: { location_id: number; name: string; chosen: boolean; late: boolean; full: boolean; distance_km: number | null; cost_minor: number; load: number; score: number }[];
}
export interface OrderFull extends OrderRow {
  currency: string;
  email: string | null;
  place: { place_id: number; name: string } | null;
  tax: Money;
  lines: OrderLine[];
  ship_to: { name: string; line1: string; postcode: string; city: string; country: string } | null;
  tape: OrderEvent[];
  postings: OrderPosting[];
  movements: OrderMovement[];
  /** Why it leaves from where it does. */
  sourced: Sourced;
  card?: (CardPart & { provider_ref: string | null; attention: string | null }) | null;
}
/** A payment or refund that a person should look at. */
export interface UnclearPayment {
  what: 'topup' | 'order_payment' | 'card_refund';
  id: string;
  order_id: string | null;
  amount: Money;
  paid: Money | null;
  provider: string;
  provider_ref: string | null;
  failure: string | null;
  reason: 'unclear' | 'mismatch' | 'second_payment';
  since: string;
}

export interface Location {
  location_id: number;
  name: string;
  kind: string;
}
export interface StockRow extends StockAt {
  variant_id: number;
  product_id?: string;
  sku: string;
  title: string;
  options: Option[];
  image: Image | string | null;
}
export interface Movement {
  movement_id: number;
  at: string;
  cause: string;
  delta_on_hand: number;
  delta_reserved: number;
  /** The orders behind it, or the one command. */
  refs: string[];
  reason: string | null;
  by: string;
}
export type StockVerb = 'receive' | 'adjust' | 'count';
export interface StockCommand {
  command_id: string;
  location_id: number;
  variant_id: number;
  quantity: number;
  reason: string;
}

export interface LedgerAccount {
  account_id: number;
  owner: Party;
  kind: string;
  currency: string;
  balance: Money;
  held: Money;
}
export interface ParkedEvent {
  event_id: string;
  kind: string;
  attempts: number;
  error: string | null;
  at: string;
  parked_at: string;
  body: Record<string, unknown>;
}

export interface LivePlace {
  place_id: number;
  name: string;
  visits: number;
  photos: number;
  recognised: number;
  orders: number;
  revenue: Money[];
}
export interface Live {
  visits: number;
  photos: number;
  recognised_share: number | null;
  orders: number;
  revenue: Money[];
  by_hour: import('./logic/live').Hour[];
  by_place: LivePlace[];
  recent: { at: string; kind: string; text: string }[];
}

const seg = encodeURIComponent;
const BASE = '/api/console';

/** Who acts for several sellers says for which: the shop's own if it is theirs, else their first. */
function seller(): { seller_id?: number } {
  const mine = me()?.seller_ids ?? [];
  const own = shop()?.seller.seller_id;
  if (mine.length < 2) return {};
  return { seller_id: own !== undefined && mine.includes(own) ? own : mine[0] };
}

/** A representation together with its validator, for If-Match. */
export interface Versioned<T> {
  value: T;
  etag: string;
}
async function versioned<T>(response: Response): Promise<Versioned<T>> {
  return { value: (await response.json()) as T, etag: response.headers.get('etag') ?? '' };
}

export const office = {
  products: (query: { q?: string; state?: string; category?: string; cursor?: string; limit?: number }) =>
    get<Page<ProductRow>>(`${BASE}/products`, { ...query, ...seller() }),
  /** `lang`: the language in which the attributes are read, and must be saved. */
  product: async (id: string, lang: string) =>
    await versioned<ProductFull>(await ask('GET', `${BASE}/products/${seg(id)}`, { query: seller(), headers: { 'accept-language': lang } })),
  saveProduct: async (id: string, edit: ProductEdit, etag: string, lang: string) =>
    await versioned<ProductFull>(await ask('PUT', `${BASE}/products/${seg(id)}`, { body: edit, headers: { 'if-match': etag, 'accept-language': lang }, query: seller() })),
  setPrice: (variant_id: number, price: Money) => put<unknown>(`${BASE}/variants/${variant_id}/price`, price, { query: seller() }),

  startImport: (file: File) => {
    const body = new FormData();
    body.append('file', file, file.name);
    return post<Import>(`${BASE}/imports`, body, { patience: 120_000, query: seller() });
  },
  imports: (cursor?: string) => get<Page<Import>>(`${BASE}/imports`, { cursor, ...seller() }),
  import: (id: string) => get<Import>(`${BASE}/imports/${seg(id)}`, seller()),

  places: () => get<Place[]>(`${BASE}/places`, seller()),
  addPlace: (place: PlaceEdit) => post<Place>(`${BASE}/places`, place, { query: seller() }),
  /** `found`: the place as it was read; its version guards against writing over somebody else. */
  savePlace: (id: number, place: PlaceEdit, found: Place) =>
    put<Place>(`${BASE}/places/${id}`, place, { headers: { 'if-match': found.etag }, query: seller() }),
  samples: (place_id: number) => get<Sample[]>(`${BASE}/places/${place_id}/samples`, seller()),
  addSample: (place_id: number, sample: { product_id: string; position: string } | { variant_id: number; position: string }) =>
    post<Sample>(`${BASE}/places/${place_id}/samples`, sample, { query: seller() }),
  dropSample: (place_id: number, sample_id: number) => del<void>(`${BASE}/places/${place_id}/samples/${sample_id}`, { query: seller() }),
  touchpoints: () => get<Touchpoint[]>(`${BASE}/touchpoints`, seller()),

  shownTerms: () => get<ShownTerms>(`${BASE}/offline`, seller()),
  setShownTerms: (terms: { honour_hours: number; call_back: boolean }) => put<ShownTerms>(`${BASE}/offline`, terms, { query: seller() }),
  orders: (query: { state?: string; q?: string; cursor?: string; limit?: number }) => get<Page<OrderRow>>(`${BASE}/orders`, query),
  order: (id: string) => get<OrderFull>(`${BASE}/orders/${seg(id)}`),
  advance: (id: string, verb: string, key: string) =>
    post<unknown>(`${BASE}/orders/${seg(id)}/${verb}`, undefined, { headers: { 'idempotency-key': key } }),

  stock: (query: { q?: string; location_id?: number | null; variant_id?: number; cursor?: string; limit?: number }) => get<Page<StockRow>>(`${BASE}/stock`, { ...query, ...seller() }),
  movements: (location_id: number, variant_id: number, cursor?: string) =>
    get<Page<Movement>>(`${BASE}/stock/${location_id}/${variant_id}/movements`, { cursor, ...seller() }),
  setSafety: (location_id: number, variant_id: number, pieces: number) => put<unknown>(`${BASE}/stock/${location_id}/${variant_id}/safety`, { pieces }, { query: seller() }),
  move: (verb: StockVerb, command: StockCommand) => post<unknown>(`${BASE}/stock/${verb}`, command, { query: seller() }),

  accounts: (query: { q?: string; cursor?: string }) =>
    get<Page<LedgerAccount> & { sums?: Money[] | null }>(`${BASE}/accounts`, query),
  postings: (owner_id: number, account_id: number, cursor?: string) =>
    get<Page<Posting>>(`${BASE}/accounts/${owner_id}/${account_id}/postings`, { cursor }),
  parked: () => get<Page<ParkedEvent>>(`${BASE}/events/parked`),
  retry: (event_id: string) => post<unknown>(`${BASE}/events/${seg(event_id)}/retry`),

  refundToCard: (id: string, refund_id: string, amount: Money) => post<CardRefund>(`/api/orders/${seg(id)}/card-refunds`, { refund_id, amount }),
  unclear: () => get<Page<UnclearPayment>>(`${BASE}/payments/unclear`),
  attended: (payment_id: string) => post<unknown>(`${BASE}/payments/${seg(payment_id)}/attended`),

  live: (query: { place?: number | null; from: string }) => get<Live>(`${BASE}/live`, query),
};

/** Where an import tells how it goes. */
export function importNews(id: string): string {
  return `${BASE}/imports/${seg(id)}/events?${new URLSearchParams(Object.entries(seller()).map(([name, value]) => [name, String(value)]))}`;
}

/** Address of the labels or the QR sheet of some samples, as a PDF at real size. */
export function sheet(kind: 'labels' | 'qr', place_id: number, samples: readonly number[], lang: string): string {
  const query = new URLSearchParams({ lang });
  for (const [name, value] of Object.entries(seller())) query.set(name, String(value));
  if (samples.length > 0) query.set('samples', samples.join(','));
  return `${BASE}/places/${place_id}/${kind}.pdf?${query}`;
}
