/** What the API says and hears. Amounts are integer minor units, gross of VAT; times RFC 3339 in UTC; `null` means "not known" or "none". */

export interface Money {
  minor: number;
  currency: string;
}
export interface Page<T> {
  items: T[];
  next?: string | null;
}
export type Role = 'shopper' | 'staff' | 'merchant' | 'head_office' | 'service';

export interface Me {
  signed_in: boolean;
  guest: boolean;
  party_id: number | null;
  name: string | null;
  email: string | null;
  locale: 'fr' | 'en';
  roles: Role[];
  seller_ids: number[];
  has_passkey: boolean;
  currency: string;
}
export interface Bootstrap {
  seller: { seller_id: number; name: string };
  place: { place_id: number; code: string; name: string; city: string; country: string } | null;
  touchpoint: { code: string; kind: string } | null;
  currencies: string[];
  currency: string;
  label_currency: string | null;
  languages: string[];
  demo: boolean;
  me: Me;
  payments: { provider: 'stripe' | 'demo' | null; publishable_key: string | null };
  version: string;
}

export interface Image {
  name: string;
  width: number;
  height: number;
  alt: string;
}
export interface ProductCard {
  product_id: string;
  seller_id: number;
  title: string;
  brand: string | null;
  category: string;
  family: string;
  image: Image | null;
  from_price: Money | null;
  label_price: Money | null;
  variant_count: number;
  on_display: boolean;
  sellable: boolean;
}
export interface Promise {
  kind: 'delivery' | 'pickup';
  date: string;
  latest: string | null;
  lane: 'hub' | 'abroad' | string;
  from: string;
  days: number;
  confidence: 'kept' | 'at_risk' | 'missed';
  text_key: string;
}
export type Available = 'yes' | 'few' | 'no';
export interface Option {
  name: string;
  /** The name in the reader's language. */
  label?: string;
  value: string;
}
export interface UnitPrice {
  money: Money;
  per: string;
}
export interface Variant {
  variant_id: number;
  sku: string;
  gtin: string | null;
  options: Option[];
  images: string[];
  price: Money | null;
  label_price: Money | null;
  rate_date?: string | null;
  unit_price: UnitPrice | null;
  tax: { included_minor: number; rate_bp: number } | null;
  available: Available;
  left: number | null;
  promise: Promise | null;
}
export interface Attribute {
  name: string;
  label: string;
  value: string;
}
export interface Product extends ProductCard {
  description: string;
  origin: string | null;
  attributes: Attribute[];
  images: Image[];
  variants: Variant[];
  json_ld: unknown;
}
export interface Category {
  category: string;
  family: string;
  title: string;
  count: number;
}
export interface Candidate {
  product: ProductCard;
  variant_id: number | null;
  score: number;
}
export interface PhotoAnswer {
  match_id: string;
  outcome: 'product' | 'candidates' | 'unknown';
  by: 'barcode' | 'picture';
  gtin: string | null;
  candidates: Candidate[];
  took_ms: number;
}
export interface Scanned {
  product_id: string;
  variant_id: number | null;
  gtin: string | null;
  sample_id: number | null;
}
export interface BasketLine {
  variant_id: number;
  product_id: string;
  title: string;
  options: Option[];
  /** Name of its picture. */
  image: string | null;
  quantity: number;
  /** Null when the shop no longer prices it. */
  unit_price: Money | null;
  was_price: Money | null;
  line_total: Money | null;
  available: Available;
  left?: number | null;
  match_id: string | null;
  promise: Promise | null;
}
/** In what currency, to which country, from which touchpoint the basket is told. */
export interface BasketQuery {
  currency: string;
  country?: string | null;
  touchpoint?: string | null;
  lang: string;
}
export interface BasketProblem {
  code: string;
  variant_id: number | null;
  detail: string;
}
export interface Basket {
  seller_id: number;
  currency: string;
  lines: BasketLine[];
  total: Money;
  tax: Money;
  promise: Promise | null;
  problems: BasketProblem[];
  wallet: { available: Money } | null;
  enough: boolean;
}
export interface ShipTo {
  name: string;
  line1: string;
  postcode: string;
  city: string;
  country: string;
}
export interface OrderPlace {
  order_id: string;
  seller_id: number;
  touchpoint: string | null;
  currency: string;
  lines: { variant_id: number; quantity: number; unit_price_minor: number; match_id: string | null }[];
  promise: { lane: string; date: string; latest: string | null };
  ship_to: ShipTo | null;
  email: string | null;
}
export type OrderState = 'placed' | 'packed' | 'shipped' | 'delivered' | 'cancelled' | 'returned';
export type PaymentState = 'held' | 'captured' | 'voided' | 'refunded';
/** The first answer to an order. */
export interface OrderPlaced {
  order_id: string;
  number: string;
  state: string;
  total: Money;
  placed_at: string;
}
export interface OrderLight extends OrderPlaced {
  state: OrderState;
  payment: PaymentState;
  lines: OrderLine[];
}
export interface OrderLine {
  variant_id: number;
  title: string;
  options: Option[];
  image: string | null;
  quantity: number;
  unit_price: Money;
  line_total: Money;
}
export interface TapeEvent {
  at: string;
  code: string;
  text: string;
  /** `shopper`, `staff:<name>` or `system`. */
  by: string;
  /** Facts for the staff: a reason, a location, a number of pieces. */
  detail: Record<string, unknown> | string | null;
}
export interface Order extends OrderLight {
  seller_id: number;
  payment: PaymentState;
  currency: string;
  tax: Money;
  lines: OrderLine[];
  promise: Promise | null;
  ship_to: ShipTo | null;
  place: { place_id: number; name: string } | null;
  tape: TapeEvent[];
  can_cancel: boolean;
}
export interface Account {
  account_id: number;
  currency: string;
  balance: Money;
  held: Money;
  available: Money;
}
export interface Wallet {
  accounts: Account[];
}
export interface Posting {
  posting_id: string;
  at: string;
  kind: string;
  amount: Money;
  balance_after?: Money | null;
  text: string;
  order_id: string | null;
  topup_id: string | null;
}
export interface Topup {
  topup_id: string;
  amount: Money;
  state: 'created' | 'pending' | 'settled' | 'failed';
  provider: 'stripe' | 'demo';
  next: { client_secret?: string | null; url?: string | null } | null;
  failure: string | null;
}
export interface Mail {
  id: string | number;
  to: string;
  subject: string;
  text: string;
  at: string;
  code: string | null;
}
export interface DemoAccount {
  label: string;
  email: string;
  role: Role;
}
export interface Passkey {
  id: string;
  name: string | null;
  created_at: string;
}
export interface VisitEvent {
  event_id: string;
  kind: 'opened' | 'product_seen' | 'photo' | 'scan' | 'basket' | 'checkout';
  touchpoint: string | null;
  product_id?: string;
  at: string;
}
