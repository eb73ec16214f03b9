/** Ring-fences, customer groups and the sourcing rule over HTTP. Shapes as the server sends them. */
import { del, get, post, put, type Option, type Page, type Promise as Delivery } from '$lib/api';
import { mySeller } from '../../flash/seller';
import type { Sourced } from '../api';

export type ChannelKind = 'touchpoint_kind' | 'touchpoint' | 'group';
export interface Channel {
  kind: ChannelKind;
  key: string;
  name: string | null;
}
export interface Fence {
  fence_id: string;
  state: 'planned' | 'standing' | 'ended';
  channel: Channel;
  variant_id: number;
  sku: string;
  title: string;
  options: Option[];
  image: string | null;
  location_id: number | null;
  location: string | null;
  quantity: number;
  kept: number;
  sold: number;
  missing: number;
  at: { location_id: number; name: string; kept: number; sold: number }[];
  starts_at: string;
  ends_at: string | null;
  ended_at: string | null;
  note: string | null;
}
export interface Group {
  group_id: string;
  name: string;
  members: { party_id: number; name: string | null }[];
}
export interface Channels {
  kinds: string[];
  touchpoints: Channel[];
  groups: Group[];
}
export interface NewFence {
  fence_id: string;
  channel: { kind: ChannelKind; key: string };
  variant_id: number;
  location_id: number | null;
  quantity: number;
  starts_at: string | null;
  ends_at: string | null;
  note: string | null;
}

export interface Rule {
  split: 'never' | 'lines' | 'pieces';
  distance_weight: number;
  cost_weight: number;
  load_weight: number;
  hub_parcel_minor: number;
  abroad_parcel_minor: number;
}
export interface Spot {
  latitude: number | null;
  longitude: number | null;
  handling_minor: number;
  a_day: number | null;
}
export interface SourcingPlace extends Spot {
  location_id: number;
  name: string;
  kind: string;
  lane: string;
  country: string;
  packed_today: number;
}
export interface SourcingState {
  rule: Rule | null;
  locations: SourcingPlace[];
}
export interface TrialAnswer {
  by: 'weighted' | 'simple';
  portions: { variant_id: number; location_id: number; name: string; quantity: number }[];
  compared: Sourced['locations'];
  promise: Delivery;
}

const FENCES = '/api/console/ring-fences';
const SOURCING = '/api/console/sourcing';
const own = () => ({ query: { seller_id: mySeller() } });

export const desk = {
  fences: (over: boolean, cursor?: string) => get<Page<Fence>>(FENCES, { over, cursor, seller_id: mySeller() }),
  keep: (fence: NewFence) => post<Fence>(FENCES, fence, own()),
  change: (fence_id: string, body: { command_id: string; quantity: number; ends_at: string | null }) => post<Fence>(`${FENCES}/${fence_id}/change`, body, own()),
  end: (fence_id: string) => post<Fence>(`${FENCES}/${fence_id}/end`, undefined, own()),
  channels: () => get<Channels>(`${FENCES}/channels`, { seller_id: mySeller() }),
  group: (group_id: string, body: { name: string; members: number[] }) => put<Group[]>(`${FENCES}/groups/${group_id}`, body, own()),

  sourcing: () => get<SourcingState>(SOURCING, { seller_id: mySeller() }),
  saveRule: (rule: Rule) => put<SourcingState>(`${SOURCING}/rule`, rule, own()),
  dropRule: () => del<SourcingState>(`${SOURCING}/rule`, own()),
  saveSpot: (location_id: number, spot: Spot) => put<SourcingState>(`${SOURCING}/locations/${location_id}`, spot, own()),
  tryOut: (body: { lines: { variant_id: number; quantity: number }[]; country: string; postcode: string | null; rule: Rule | null }) => post<TrialAnswer>(`${SOURCING}/trial`, body, own()),
};
