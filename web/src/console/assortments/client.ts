/** Assortments over HTTP. Shapes as the server sends them. */
import { del, get, post, type Page } from '$lib/api';
import { locale } from '$lib/i18n.svelte';
import { mySeller } from '../../flash/seller';

export interface Wishes {
  samples: number;
  radius_km: number;
  days: number;
  must: string[];
  without: string[];
  limits: { kind: string; key: string; least: number; most: number | null }[];
  bands: { from_minor: number; below_minor: number | null; least_pct: number; most_pct: number }[];
  space_cm: number | null;
  width_cm: number;
  min_stock: number;
}
export interface Figures {
  area: { level: 'near' | 'region' | 'country' | 'all'; label: string; radius_km: number; merged: boolean; shoppers: number | null; trust: number };
  currency: string;
  covered: number;
  total: number;
  bound: number;
  gap: number;
  space_cm: number;
  shown_now: number;
  shown_now_samples: number;
  considered: number;
  out_of_stock: number;
}
export interface Brief {
  scenario_id: string;
  place_id: number;
  name: string;
  state: 'open' | 'approved' | 'replaced';
  made_at: string;
  approved_at: string | null;
  samples: number;
  figures: Figures;
}
export interface Chosen {
  product_id: string;
  title: string;
  category: string;
  brand: string | null;
  price_minor: number | null;
  width_cm: number;
  stock: number;
  demand: number;
  adds: number;
  reasons: { code: string; text: string }[];
}
export interface Scenario extends Brief {
  chosen: Chosen[];
}
export interface Comparison {
  scenarios: Brief[];
  common: number;
  differing: { product_id: string; title: string; adds: (number | null)[] }[];
  area_differs: boolean;
}

const BASE = '/api/console/assortments';
const own = () => ({ seller_id: mySeller(), lang: locale() });
/** Where a file of a plan is. */
export const file = (id: string, kind: 'csv' | 'pdf') => `${BASE}/${id}/plan.${kind}?lang=${locale()}${mySeller() === undefined ? '' : `&seller_id=${mySeller()}`}`;
export const share = (part: number, figures: Figures) => (figures.total > 0 ? Math.round((100 * part) / figures.total) : 0);

export const assortments = {
  list: () => get<Page<Brief>>(BASE, { seller_id: mySeller() }),
  show: (id: string) => get<Scenario>(`${BASE}/${id}`, own()),
  make: (body: { scenario_id: string; place_id: number; name: string; wishes: Wishes }) => post<Scenario>(BASE, body, { query: own() }),
  compare: (ids: string[]) => get<Comparison>(`${BASE}/compare?lang=${locale()}${ids.map((id) => `&ids=${id}`).join('')}${mySeller() === undefined ? '' : `&seller_id=${mySeller()}`}`),
  approve: (id: string) => post<Scenario>(`${BASE}/${id}/approve`, undefined, { query: own() }),
  drop: (id: string) => del<void>(`${BASE}/${id}`, { query: { seller_id: mySeller() } }),
};
