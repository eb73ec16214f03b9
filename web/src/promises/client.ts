/** Promises over HTTP, as staff see them. Shapes as the server sends them. */
import { del, get, post, put, type Page } from '$lib/api';

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
  /** The lane's version as it was read; empty: it must be new. */
  version: string;
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
export interface Hub {
  name: string;
  country: string;
  timezone: string;
  location_id: number | null;
}
export interface Customs {
  origin: string;
  destination: string;
  earliest_days: number;
  likely_days: number;
  latest_days: number;
  held_days: number;
}
export interface Holidays {
  country: string;
  first_day: string;
  last_day: string;
  name: string;
}
export interface Carrier {
  name: string;
  weekdays: number;
}
export interface Network {
  lanes: Lane[];
  carriers: (Carrier & { carrier_id: number })[];
  hubs: (Hub & { hub_id: number })[];
  rests: Rest[];
  customs: Customs[];
  holidays: { country: string; day: string; name: string | null }[];
  locations: { location_id: number; name: string }[];
}
/** One change, to be tried before it is made. */
export type Change = { lane: LaneEdit } | { carrier: Carrier } | { hub: Hub } | { rest: Rest } | { customs: Customs } | { holidays: Holidays };
export interface Dates {
  earliest: string;
  likely: string;
  latest: string;
}
export interface Preview {
  ordered_at: string;
  lanes: { lane: 'hub' | 'abroad'; origin: string; country: string; before: Dates | null; after: Dates | null }[];
  open: { promises: number; looked_at: number; before: Record<Confidence, number>; after: Record<Confidence, number> };
}

const BASE = '/api/console/promises';
const of = (seller_id?: number) => ({ query: { seller_id } });

export const keeping = {
  kept: (days: number, seller_id?: number) => get<Kept>(`${BASE}/kept`, { days, seller_id }),
  atRisk: (cursor?: string, seller_id?: number) => get<Page<Worry>>(`${BASE}/at-risk`, { cursor, seller_id }),
  network: (seller_id?: number) => get<Network>(`${BASE}/network`, { seller_id }),
  putLane: (lane: LaneEdit, seller_id?: number) => put<Network>(`${BASE}/lanes`, lane, of(seller_id)),
  switchLane: (lane_id: number, active: boolean, quantile: number, seller_id?: number) => put<Network>(`${BASE}/lanes/${lane_id}/switch`, { active, quantile }, of(seller_id)),
  preview: (change: Change, ordered_at: string | null, seller_id?: number) => post<Preview>(`${BASE}/preview`, { ...change, ordered_at }, of(seller_id)),
  putCarrier: (carrier: Carrier, seller_id?: number) => put<Network>(`${BASE}/carriers`, carrier, of(seller_id)),
  dropCarrier: (carrier_id: number, seller_id?: number) => del<Network>(`${BASE}/carriers/${carrier_id}`, of(seller_id)),
  putHub: (hub: Hub, seller_id?: number) => put<Network>(`${BASE}/hubs`, hub, of(seller_id)),
  dropHub: (hub_id: number, seller_id?: number) => del<Network>(`${BASE}/hubs/${hub_id}`, of(seller_id)),
  putCustoms: (customs: Customs, seller_id?: number) => put<Network>(`${BASE}/customs`, customs, of(seller_id)),
  dropCustoms: (customs: Customs, seller_id?: number) => del<Network>(`${BASE}/customs/${customs.origin}/${customs.destination}`, of(seller_id)),
  putHolidays: (holidays: Holidays) => put<unknown>(`${BASE}/holidays`, holidays),
  dropHoliday: (country: string, day: string) => del<unknown>(`${BASE}/holidays/${country}`, { query: { first_day: day, last_day: day } }),
  putRest: (rest: Rest, seller_id?: number) =>
    put<Network>(`${BASE}/carriers/${rest.carrier_id}/rests`, { first_day: rest.first_day, last_day: rest.last_day, reason: rest.reason }, of(seller_id)),
  dropRest: (rest: Rest, seller_id?: number) => del<void>(`${BASE}/carriers/${rest.carrier_id}/rests/${rest.first_day}`, of(seller_id)),
};
