/** Forms of the delivery network: what people type, and what it means. Pure. */
import type { LaneEdit, Lane, LegEdit, LegKind } from '../../promises/client';

export const LEGS: readonly LegKind[] = ['pick_pack', 'line_haul', 'customs', 'hub', 'last_mile'];
const MUST: readonly LegKind[] = ['pick_pack', 'last_mile'];

export interface TypedLeg {
  kind: LegKind;
  least: string;
  likely: string;
  most: string;
  carrier: string;
  hub: string;
  timezone: string;
  cutoff: string;
  weekdays: number | null;
}
export interface TypedLane {
  lane: 'hub' | 'abroad';
  origin: string;
  origin_country: string;
  country: string;
  location: string;
  quantile: string;
  active: boolean;
  legs: TypedLeg[];
  version: string;
}

/** A whole number of days from 0 to 90; null for anything else. */
export function days(text: string): number | null {
  const found = /^\s*(\d{1,2})\s*$/.exec(text);
  return found && Number(found[1]) <= 90 ? Number(found[1]) : null;
}
export const land = (text: string): string | null => (/^[A-Za-z]{2}$/.test(text.trim()) ? text.trim().toUpperCase() : null);
export const required = (kind: LegKind): boolean => MUST.includes(kind);
/** The legs that a lane does not have yet, in their order. */
export const missing = (legs: readonly TypedLeg[]): LegKind[] => LEGS.filter((kind) => !legs.some((leg) => leg.kind === kind));

export function leg(kind: LegKind, numbers: readonly [string, string, string] = ['', '', '']): TypedLeg {
  const [least, likely, most] = numbers;
  return { kind, least, likely, most, carrier: '', hub: '', timezone: '', cutoff: kind === 'pick_pack' ? '14:00' : '', weekdays: null };
}
export const withLeg = (legs: readonly TypedLeg[], kind: LegKind): TypedLeg[] =>
  [...legs, leg(kind)].sort((a, b) => LEGS.indexOf(a.kind) - LEGS.indexOf(b.kind));

export const fresh = (): TypedLane => ({
  lane: 'hub', origin: '', origin_country: 'FR', country: 'FR', location: '', quantile: '90', active: true,
  legs: [leg('pick_pack', ['0', '0', '1']), leg('last_mile', ['1', '2', '3'])], version: '',
});

export const typed = (lane: Lane): TypedLane => ({
  lane: lane.lane, origin: lane.origin, origin_country: lane.origin_country, country: lane.country,
  location: lane.location_id === null ? '' : String(lane.location_id), quantile: String(Math.round(lane.quantile * 1000) / 10), active: lane.active,
  legs: lane.legs.map((one) => ({
    kind: one.kind, least: String(one.earliest_days), likely: String(one.likely_days), most: String(one.latest_days), carrier: one.carrier, hub: one.hub,
    timezone: one.timezone, cutoff: one.cutoff?.slice(0, 5) ?? '', weekdays: one.weekdays,
  })),
  version: lane.version,
});

function legEdit(one: TypedLeg): LegEdit | null {
  const [least, likely, most] = [days(one.least), days(one.likely), days(one.most)];
  if (least === null || likely === null || most === null || least > likely || likely > most) return null;
  return {
    kind: one.kind, earliest_days: least, likely_days: likely, latest_days: most, carrier: one.carrier, hub: one.hub, timezone: one.timezone.trim(),
    cutoff: one.cutoff || null, weekdays: one.weekdays,
  };
}

/** What the form means; null while something of it is missing or cannot be. */
export function laneEdit(form: TypedLane): LaneEdit | null {
  const [from, to] = [land(form.origin_country), land(form.country)];
  const share = Number(form.quantile.replace(',', '.')) / 100;
  const legs = form.legs.map(legEdit);
  if (!from || !to || !form.origin.trim() || !(share >= 0.5 && share <= 0.999) || !form.legs[0]?.cutoff) return null;
  if (!legs.every((one): one is LegEdit => one !== null)) return null;
  return {
    lane: form.lane, origin: form.origin.trim(), origin_country: from, country: to, location_id: form.location ? Number(form.location) : null,
    quantile: Math.round(share * 10_000) / 10_000, active: form.active, legs, version: form.version,
  };
}
