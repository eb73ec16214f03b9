/** What the API says and hears. Amounts are integer minor units, gross of VAT; times RFC 3339 in UTC; `null` means "not known" or "none". */

export interface Money {
  minor: number;
  currency: string;
}
export interface Page<T> {
  items: T[];
  next?: string | null;
}
export type Role = 'shopper' | 'staff' | 'merchant' | 'head_office' | 'service' | 'operator';

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
  /** No variant costs more than `from_price`. */
  one_price: boolean;
  on_display: boolean;
  sellable: boolean;
}
export interface Promise {
  kind: 'delivery' | 'pickup';
  date: string;
  /** By which day half of such orders are there. */
  likely?: string | null;
  latest: string | null;
  /** When it comes as things stand, once it is at risk or missed. */
  expected?: string | null;
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
  /** The lowest of the thirty days before a reduction, to cross out. */
  was_price?: Money | null;
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
  /** Where it lies in a photo of several products, as shares of the photo's sides. */
  box?: { left: number; top: number; width: number; height: number } | null;
}
export interface PhotoAnswer {
  match_id: string;
  outcome: 'product' | 'candidates' | 'unknown';
  by: 'barcode' | 'picture';
  gtin: string | null;
  candidates: Candidate[];
  /** `which`: the photo shows these products, each of them sure. */
  ask?: 'which' | null;
  took_ms: number;
  /** The package is being read: ask again. */
  refines?: boolean;
}
export interface Scanned {
  product_id: string;
  variant_id: number | null;
  gtin: string | null;
  sample_id: number | null;
}
export interface BasketLine {
  seller_id: number;
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
/** Goods set aside for a basket, until `expires_at` while it stands. */
export interface Reservation {
  reservation_id: string;
  state: 'standing' | 'released' | 'expired' | 'ordered';
  expires_at: string;
  renewals_left: number;
  lines: { seller_id: number; variant_id: number; quantity: number }[];
}
/** What one seller delivers of a basket. */
export interface BasketPart {
  seller_id: number;
  seller: string | null;
  lines: BasketLine[];
  total: Money;
  tax: Money;
  promise: Promise | null;
}
/** Lines and totals are of all sellers; `parts` tells them apart. */
export interface Basket {
  seller_id: number;
  currency: string;
  lines: BasketLine[];
  total: Money;
  tax: Money;
  promise: Promise | null;
  problems: BasketProblem[];
  parts: BasketPart[];
  reservation?: Reservation | null;
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
/** What one seller is asked to deliver. */
export interface OrderPlacePart {
  seller_id: number;
  lines: { variant_id: number; quantity: number; unit_price_minor: number; match_id: string | null }[];
  promise: { lane: string; date: string; latest: string | null };
}
export interface OrderPlace extends OrderPlacePart {
  order_id: string;
  touchpoint: string | null;
  currency: string;
  /** What other sellers deliver; all or nothing. */
  also?: OrderPlacePart[];
  reservation?: string | null;
  ship_to: ShipTo | null;
  email: string | null;
  payment: 'wallet' | 'card';
}
export type OrderState = 'placed' | 'packed' | 'shipped' | 'delivered' | 'cancelled' | 'returned';
export type PaymentState = 'held' | 'captured' | 'voided' | 'refunded' | 'pending';
/** How an order is paid by card. `paid`: what the provider took; `left`: what may still go back to the card. */
export interface CardPart {
  state: 'none' | 'created' | 'pending' | 'received' | 'credited' | 'failed';
  failure: string | null;
  paid: Money | null;
  left: Money | null;
  refunds: { amount: Money; state: 'created' | 'pending' | 'succeeded' | 'failed'; at: string }[];
}
export interface OrderPayment {
  order_id: string;
  amount: Money;
  state: 'created' | 'pending' | 'received' | 'credited' | 'failed';
  provider: 'stripe' | 'demo';
  next: { client_secret?: string | null; url?: string | null } | null;
  failure: string | null;
  pay_by: string;
}
export interface CardRefund {
  refund_id: string;
  order_id: string;
  amount: Money;
  state: 'created' | 'pending' | 'succeeded' | 'failed';
  failure: string | null;
  created_at: string;
}
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
  /** Until when a card is awaited; null for an order that the wallet paid. */
  pay_by?: string | null;
  /** The same on all parts of an order of several sellers. */
  parent_id?: string | null;
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
/** What one seller delivers of an order of several; an order of its own. */
export interface OrderPart {
  order_id: string;
  seller_id: number;
  seller: string | null;
  number: string;
  state: OrderState;
  payment: PaymentState;
  total: Money;
  promise: Promise;
  can_cancel: boolean;
}
export interface Order extends OrderLight {
  seller_id: number;
  parts?: OrderPart[];
  payment: PaymentState;
  currency: string;
  tax: Money;
  lines: OrderLine[];
  promise: Promise | null;
  ship_to: ShipTo | null;
  place: { place_id: number; name: string } | null;
  tape: TapeEvent[];
  can_cancel: boolean;
  card?: CardPart | null;
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
