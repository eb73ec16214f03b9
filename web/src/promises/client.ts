/** Promises over HTTP, as staff see them. Shapes as the server sends them. */
import { del, get, put, type Page } from '$lib/api';

export type Confidence = 'kept' | 'at_risk' | 'missed';
export type LegKind = 'pick_pack' | 'line_haul' | 'customs' | 'hub' | 'last_mile';
export interface Cause {
  cause: LegKind | null;
  owner: string | null;
  orders: number;
}
export interface LaneKept {
  lane_id: number;
  origin: string;
  country: string;
  kept: number;
  missed: number;
  share: number;
  promised_days: number;
  actual_days: number;
  causes: Cause[];
}
export interface Kept {
  days: number;
  kept: number;
  missed: number;
  share: number | null;
  open: Record<Confidence, number>;
  lanes: LaneKept[];
  causes: Cause[];
}
export interface Worry {
  order_id: string;
  number: string;
  confidence: Confidence;
  chance: number;
  deadline: string;
  expected: string | null;
  placed_at: string;
  lane_id: number;
  origin: string | null;
  cause: LegKind | null;
  owner: string | null;
}
export interface LegEdit {
  kind: LegKind;
  earliest_days: number;
  likely_days: number;
  latest_days: number;
  carrier: string;
  hub: string;
  timezone: string;
  cutoff: string | null;
  weekdays: number | null;
}
export interface Leg extends LegEdit {
  learned_days: number;
  owner: string;
}
export interface LaneEdit {
  lane: 'hub' | 'abroad';
  origin: string;
  origin_country: string;
  country: string;
  location_id: number | null;
  quantile: number;
  active: boolean;
  legs: LegEdit[];
}
export interface Lane extends Omit<LaneEdit, 'legs'> {
  lane_id: number;
  legs: Leg[];
  earliest: string | null;
  latest: string | null;
  days: number;
}
export interface Rest {
  carrier_id: number;
  first_day: string;
  last_day: string;
  reason: string;
}
export interface Network {
  lanes: Lane[];
  carriers: { carrier_id: number; name: string; weekdays: number }[];
  hubs: { hub_id: number; name: string; country: string; timezone: string; location_id: number | null }[];
  rests: Rest[];
  customs: { origin: string; destination: string; earliest_days: number; likely_days: number; latest_days: number; held_days: number }[];
  holidays: { country: string; day: string }[];
}

const BASE = '/api/console/promises';
const of = (seller_id?: number) => ({ query: { seller_id } });

export const keeping = {
  kept: (days: number, seller_id?: number) => get<Kept>(`${BASE}/kept`, { days, seller_id }),
  atRisk: (cursor?: string, seller_id?: number) => get<Page<Worry>>(`${BASE}/at-risk`, { cursor, seller_id }),
  network: (seller_id?: number) => get<Network>(`${BASE}/network`, { seller_id }),
  putLane: (lane: LaneEdit, seller_id?: number) => put<Network>(`${BASE}/lanes`, lane, of(seller_id)),
  putCarrier: (name: string, weekdays: number, seller_id?: number) => put<Network>(`${BASE}/carriers`, { name, weekdays }, of(seller_id)),
  putRest: (rest: Rest, seller_id?: number) =>
    put<Network>(`${BASE}/carriers/${rest.carrier_id}/rests`, { first_day: rest.first_day, last_day: rest.last_day, reason: rest.reason }, of(seller_id)),
  dropRest: (rest: Rest, seller_id?: number) => del<void>(`${BASE}/carriers/${rest.carrier_id}/rests/${rest.first_day}`, of(seller_id)),
};
