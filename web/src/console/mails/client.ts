/** Mails about orders over HTTP. Shapes as the server sends them. */
import { get, post, put } from '$lib/api';

export type Optional = 'shipped' | 'ready' | 'delivered' | 'cancelled' | 'refunded';
export const OPTIONAL: Optional[] = ['ready', 'shipped', 'delivered', 'cancelled', 'refunded'];
export interface Terms {
  off: Optional[];
  legal: string;
  withdrawal_days: number;
  withdrawal_fr: string;
  withdrawal_en: string;
  version: number;
}
export interface Parked {
  order_id: string;
  number: string;
  kind: 'confirmation' | Optional;
  cause: string;
  why: 'unavailable' | 'refused' | 'broken';
  since: string;
}
export interface OrderMails {
  configured: boolean;
  waiting: number;
  parked: Parked[];
  terms: Terms;
}
const BASE = '/api/console/order-mails';
const of = (seller_id: number | null) => ({ seller_id });

export const mails = {
  read: (seller: number | null) => get<OrderMails>(BASE, of(seller)),
  save: (seller: number | null, terms: Terms) => put<OrderMails>(BASE, terms, { query: of(seller) }),
  retry: (seller: number | null, one: Pick<Parked, 'order_id' | 'kind' | 'cause'> | null) => post<{ retried: number }>(`${BASE}/retry`, one ?? {}, { query: of(seller) }),
};
