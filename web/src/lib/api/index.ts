/** The shopper's API, one function a route. The console keeps its own beside its pages, on the same `client`. */
import { del, get, patch, post, put, type Options } from './client';
import type * as T from './types';

export * from './client';
export type * from './types';

const id = encodeURIComponent;

export const api = {
  bootstrap: (touchpoint: string | null, lang: string) => get<T.Bootstrap>('/api/bootstrap', { touchpoint, lang }),
  products: (query: { q?: string; category?: string; family?: string; place?: number | null; cursor?: string | null; limit?: number; lang: string; currency?: string }, options?: Options) =>
    get<T.Page<T.ProductCard>>('/api/products', query, options),
  categories: (lang: string) => get<T.Category[]>('/api/categories', { lang }),
  product: (product_id: string, query: { place?: number | null; currency?: string; lang: string }) =>
    get<T.Product>(`/api/products/${id(product_id)}`, query),
  scan: (code: string) => get<T.Scanned>(`/api/scan/${id(code)}`),
  photo: (picture: Blob, query: { touchpoint: string | null; currency: string; lang: string }, options?: Options) =>
    post<T.PhotoAnswer>('/api/photos', picture, { query, headers: { 'content-type': picture.type || 'image/jpeg' }, ...options }),
  photoNow: (match_id: string, query: { touchpoint: string | null; currency: string; lang: string }) => get<T.PhotoAnswer>(`/api/photos/${id(match_id)}`, query),
  chosen: (match_id: string, variant_id: number) => post<void>(`/api/photos/${id(match_id)}/chosen`, { variant_id }),

  basket: (query: T.BasketQuery) => get<T.Basket>('/api/basket', { ...query }),
  setLine: (variant_id: number, line: { quantity: number; match_id?: string | null; touchpoint?: string | null; seller_id?: number | null }, query: T.BasketQuery) =>
    put<T.Basket>(`/api/basket/lines/${variant_id}`, line, { query: { currency: query.currency, country: query.country, lang: query.lang } }),

  reserve: (reservation_id: string, partial = false) => post<T.Reservation>('/api/basket/reservation', { reservation_id, partial }),
  renewReservation: (reservation_id: string, renewal: number) => post<T.Reservation>(`/api/basket/reservation/${id(reservation_id)}/renew`, { renewal }),
  releaseReservation: (reservation_id: string) => del<T.Reservation>(`/api/basket/reservation/${id(reservation_id)}`),

  placeOrder: (order: T.OrderPlace) => post<T.OrderPlaced>('/api/orders', order),
  orders: (lang: string, cursor?: string | null) => get<T.Page<T.OrderLight>>('/api/orders', { lang, cursor }),
  order: (order_id: string, lang: string) => get<T.Order>(`/api/orders/${id(order_id)}`, { lang }),
  /** With what stands behind the # of the link in a mail. */
  linkedOrder: (order_id: string, key: string, lang: string) => get<T.Order>(`/api/orders/${id(order_id)}/linked`, { lang }, { headers: { 'order-key': key } }),
  cancelOrder: (order_id: string, key: string) =>
    post<T.Order>(`/api/orders/${id(order_id)}/cancel`, undefined, { headers: { 'idempotency-key': key } }),
  /** Every part of an order of several sellers that has not left yet. */
  cancelWholeOrder: (order_id: string, key: string) =>
    post<T.Order>(`/api/orders/${id(order_id)}/cancel-all`, undefined, { headers: { 'idempotency-key': key } }),
  /** Pay by card, or, without one, find out where the payment stands. */
  payOrder: (order_id: string, method: { demo_card: string } | null) => post<T.OrderPayment>(`/api/orders/${id(order_id)}/payment`, { method }),
  refundToCard: (order_id: string, refund_id: string) => post<T.CardRefund>(`/api/orders/${id(order_id)}/card-refunds`, { refund_id }),

  wallet: () => get<T.Wallet>('/api/wallet'),
  postings: (account_id: number, lang: string, cursor?: string | null) => get<T.Page<T.Posting>>('/api/wallet/postings', { account_id, lang, cursor }),
  topUp: (topup: { topup_id: string; amount: T.Money; method: { demo_card: string } | null }) => post<T.Topup>('/api/topups', topup),
  topup: (topup_id: string) => get<T.Topup>(`/api/topups/${id(topup_id)}`),

  me: () => get<T.Me>('/api/me'),
  saveMe: (changes: Partial<Pick<T.Me, 'name' | 'locale' | 'currency'>>) => patch<T.Me>('/api/me', changes),
  guest: () => post<T.Me>('/api/guest'),
  sendCode: (email: string, locale: string) => post<void>('/api/sign-in/code', { email, locale }),
  checkCode: (email: string, code: string) => post<T.Me>('/api/sign-in/code/verify', { email, code }),
  signOut: () => post<void>('/api/sign-out'),
  passkeys: () => get<T.Passkey[]>('/api/passkeys'),
  dropPasskey: (passkey_id: string) => del<void>(`/api/passkeys/${id(passkey_id)}`),
  passkeyOptions: () => post<Record<string, unknown>>('/api/passkeys/options'),
  addPasskey: (credential: unknown) => post<unknown>('/api/passkeys', { credential }),
  signInOptions: () => post<Record<string, unknown>>('/api/sign-in/passkey/options'),
  signInPasskey: (credential: unknown) => post<T.Me>('/api/sign-in/passkey', { credential }),

  mailbox: () => get<T.Mail[]>('/api/demo/mailbox'),
  demoAccounts: () => get<T.DemoAccount[]>('/api/demo/accounts'),
  demoSignIn: (email: string) => post<T.Me>('/api/demo/sign-in', { email }),
};

/** Address of a picture. `width`: the smallest of 320, 640 or the original that is enough. */
export function picture(name: string, width: 320 | 640 | 1600 = 1600): string {
  const dot = name.lastIndexOf('.');
  const stem = dot < 0 ? name : name.slice(0, dot);
  return width === 1600 ? `/media/${name}` : `/media/${stem}-${width}.webp`;
}
