/** Measuring over HTTP. Shapes as the server sends them; `null` counts are of too few people to tell. */
import { get } from '$lib/api';
import { locale } from '$lib/i18n.svelte';
import { mySeller } from '../../flash/seller';

export type Why = 'measured' | 'no_point' | 'not_open' | 'weeks_before' | 'weeks_after' | 'few_shoppers' | 'few_sales' | 'few_controls' | 'bad_fit' | 'not_enough';
export interface Share {
  count: number | null;
  of: number | null;
  share: number | null;
  low: number | null;
  high: number | null;
}
export interface Bar {
  label: string;
  count: number | null;
}
export interface Difference {
  effect: number;
  low: number;
  high: number;
}
export interface Sample {
  sample_id: number;
  product_id: string;
  code: string;
  position: string;
  title: string;
  placed: string;
  removed: string | null;
  why_seen: Why;
  seen: Share;
  unseen: Share;
  more: Difference | null;
  why_cause: Why;
  cause: Difference | null;
  shrunk: number | null;
  rank: number | null;
  at_opening: boolean;
}
export interface Lift {
  why: Why;
  outcome: Outcome;
  currency: string;
  radius_km: number;
  opened: string | null;
  weeks_before: number;
  weeks_after: number;
  shoppers: number | null;
  controls: number;
  left_out: number;
  fit: number | null;
  synthetic: Difference | null;
  differences: Difference | null;
  extra: number | null;
  p: number | null;
  weights: { area: string; weight: number }[];
  weeks: { week: number; near: number | null; synthetic: number; mean: number }[];
}
export interface Report {
  place_id: number;
  name: string;
  since: string;
  until: string;
  window_days: number;
  least: number;
  coverage: { visits: number; tied: Share; agreed: Share; people: number | null; devices: Bar[] };
  purchases: { buyers: Share; running: number | null; orders: number | null; touched: Share; delays: Bar[]; here: number };
  customers: { first_visit: Share; existing: number | null; weeks: { monday: string; first_visit: number | null; existing: number | null }[] };
  lift: Lift;
  samples: Sample[];
}
export const OUTCOMES = ['pieces', 'orders', 'revenue'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export interface Question {
  place: number;
  from: string;
  to: string;
  window: string;
  radius: string;
  outcome: string;
}

const BASE = '/api/console/measurement';
const asked = (question: Question) => ({ ...question, lang: locale(), seller_id: mySeller() });
export const measure = (question: Question) => get<Report>(BASE, asked(question), { patience: 60_000 });
/** Where a report is as a file. */
export const file = (question: Question, kind: 'csv' | 'json') =>
  `${BASE}/report.${kind}?${new URLSearchParams(Object.entries(asked(question)).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])))}`;

const DAY_MS = 86_400_000;
/** A day `days` after another, both as 2026-11-25. */
export const later = (day: string, days: number) => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
