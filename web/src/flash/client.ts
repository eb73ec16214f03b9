/** Flash sales over HTTP. Shapes as the server sends them. */
import { get, post, Problem, put, type Money } from '$lib/api';
import { prove } from './proof';

export type Phase = 'before' | 'waiting' | 'running' | 'sold_out' | 'ended';
export interface Counter {
  sale_id: string;
  phase: Phase;
  now: string;
  starts_at: string;
  ends_at: string;
  quantity: number;
  left: number;
  sold: number;
  watchers: number;
  joined: number;
  admitted_to: number;
  rate_per_s: number;
  drawn: number | null;
  seed: string | null;
  paused: string | null;
}
export interface SaleItem {
  variant_id: number;
  product_id: string;
  title: string;
  image: string | null;
  price: Money | null;
  was_price: Money | null;
}
export interface Sale {
  seller_id: number;
  title: string;
  opens_at: string | null;
  per_customer: number;
  waiting_room: boolean;
  hold_s: number;
  commitment: string;
  items: SaleItem[];
  counter: Counter;
}
export interface SaleBrief {
  sale_id: string;
  title: string;
  phase: Phase;
  starts_at: string;
  ends_at: string;
  opens_at: string | null;
  product_ids: string[];
  variant_ids: number[];
}
export interface Ticket {
  sale_id: string;
  state: 'waiting' | 'your_turn' | 'admitted' | 'lost' | 'sold_out' | 'over';
  number: number;
  place: number | null;
  ahead: number | null;
  eta_s: number | null;
  enough: boolean;
  admission: string | null;
  until: string | null;
  now: string;
}

export interface ItemDraft {
  variant_id: number;
  price_minor: number | null;
  location_id: number | null;
  fenced: number;
}
export interface Plan {
  title: { fr: string; en: string };
  currency: string;
  starts_at: string;
  ends_at: string;
  quantity: number;
  per_customer: number;
  waiting_room: boolean;
  prequeue_s: number;
  admit_per_s: number;
  hold_s: number;
  items: ItemDraft[];
}
export interface ConsoleSale {
  sale_id: string;
  seller_id: number;
  plan: Plan;
  items: (ItemDraft & { title: string; image: string | null; regular: Money | null })[];
  version: number;
  phase: Phase;
  now: string;
  stopped_at: string | null;
  settled: boolean;
  left: number;
  taken: number;
  orders: number;
  orders_per_s: number;
  watchers: number;
  waiting: number;
  admitted: number;
  refused: number;
  paused: string | null;
}
export interface ConsoleBrief {
  sale_id: string;
  title: { fr: string; en: string };
  phase: Phase;
  starts_at: string;
  ends_at: string;
  stopped_at: string | null;
  quantity: number;
  taken: number;
}

const at = (sale_id: string) => `/api/flash/${encodeURIComponent(sale_id)}`;
const desk = (sale_id: string) => `/api/console/flash/${encodeURIComponent(sale_id)}`;

export const flash = {
  list: (lang: string) => get<{ now: string; items: SaleBrief[] }>('/api/flash', { lang }),
  sale: (sale_id: string, lang: string) => get<Sale>(at(sale_id), { lang }),
  ticket: (sale_id: string) => get<Ticket>(`${at(sale_id)}/ticket`),
  /** Join, or take the turn up. Does the work that the server asks for first; `working` hears of it. */
  async ask(sale_id: string, again = false, working?: () => void): Promise<Ticket> {
    const send = (proof: object) => post<Ticket>(`${at(sale_id)}/ticket`, { again, ...proof });
    try {
      return await send({});
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'flash.proof_needed') throw error;
      working?.();
      const challenge = String(error.fields.challenge);
      return await send({ challenge, nonce: await prove(challenge, Number(error.fields.bits)) });
    }
  },
  events: (sale_id: string) => `${at(sale_id)}/events`,
};

export const office = {
  sales: (seller_id?: number) => get<{ now: string; items: ConsoleBrief[] }>('/api/console/flash', { seller_id }),
  sale: (sale_id: string) => get<ConsoleSale>(desk(sale_id)),
  plan: (sale_id: string, plan: Plan, seller_id?: number) => post<{ sale_id: string }>('/api/console/flash', { sale_id, ...plan }, { query: { seller_id } }),
  change: (sale_id: string, plan: Plan, version: number) => put<ConsoleSale>(desk(sale_id), { ...plan, version }),
  stop: (sale_id: string) => post<ConsoleSale>(`${desk(sale_id)}/stop`),
};
