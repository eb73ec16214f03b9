/** Shelf labels, the check of labels and exchange rates over HTTP. Shapes as the server sends them. */
import { get, post, put } from '$lib/api';
import { mySeller } from '../../flash/seller';

export type LabelState = 'empty' | 'sending' | 'unconfirmed' | 'confirmed';
/** What a label shows: texts ready to be drawn. */
export interface Shown {
  name?: string;
  price?: string | null;
  was?: string | null;
  unit?: string | null;
  beside?: string | null;
  promise?: string | null;
}
export interface ShelfLabel {
  label_code: string;
  gateway_id: string;
  place_id: number;
  place: string;
  variant_id: number;
  position: string;
  state: LabelState;
  version: number;
  wanted: Shown | null;
  wanted_since: string | null;
  shows: Shown | null;
  shows_since: string | null;
  tries: number;
  next_try_at: string | null;
}
export interface Gateway {
  gateway_id: string;
  name: string;
  place_id: number;
  place: string;
  labels: number;
  heard_at: string | null;
}
export interface Refused {
  gateway_id: string;
  reason: string;
  label_code: string | null;
  count: number;
  last_at: string;
}
export interface Shelf {
  broker: boolean;
  counts: Partial<Record<LabelState, number>>;
  labels: ShelfLabel[];
  gateways: Gateway[];
  refusals: Refused[];
}
export interface Fault {
  rule: string;
  variant_id: number;
  sku: string;
  title: string;
  hint: string;
}
export interface MadeGateway {
  gateway_id: string;
  key: string;
  topics: string;
}
export interface Rate {
  currency: string;
  day: string;
  rate: string;
  source: string;
  recorded_at: string;
  usable: boolean;
}
export interface Rates {
  lives_days: number;
  rates: Rate[];
}

const LABELS = '/api/console/shelf-labels';
const own = () => ({ query: { seller_id: mySeller() } });

export const shelf = {
  all: () => get<Shelf>(LABELS, { seller_id: mySeller() }),
  again: () => post<{ count: number }>(`${LABELS}/again`, undefined, own()),
  check: (place_id: number) => get<Fault[]>(`${LABELS}/check`, { place_id, seller_id: mySeller() }),
  gateway: (body: { gateway_id: string; place_id: number; name: string }) => post<MadeGateway>(`${LABELS}/gateways`, body, own()),
  hang: (code: string, body: { gateway_id: string; variant_id: number; position: string }) => put<Shelf>(`${LABELS}/${encodeURIComponent(code)}`, body, own()),
  rates: () => get<Rates>('/api/console/rates'),
  history: (currency: string) => get<Rates>(`/api/console/rates/${currency}`),
  importRates: (text: string, source: string) => post<{ read: number; changed: number }>('/api/console/rates', { text, source }),
};
