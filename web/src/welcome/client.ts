/** A place's door over HTTP. Shapes as the server sends them. */
import { get, post, put } from '$lib/api';

export interface Both {
  fr: string;
  en: string;
}
export type Level = 'unknown' | 'quiet' | 'busy' | 'crowded' | 'full';
export interface Zone {
  zone: string;
  name: Both;
  people: number | null;
  capacity: number | null;
  level: Level;
  sure: boolean;
}
export interface Rule {
  kind: string;
  value: number | null;
  text: Both;
  kept_by: Both | null;
}
export interface Door {
  place_id: number;
  seller_id: number;
  code: string;
  name: string;
  line1: string | null;
  postcode: string | null;
  city: string;
  timezone: string;
  now: string;
  open: boolean;
  closes_at: string | null;
  opens_at: string | null;
  capacity: number | null;
  people: number | null;
  level: Level;
  sure: boolean;
  zones: Zone[];
  queue: { open: boolean; parties: number; people: number; called: number[]; eta_s: number | null };
  terms: {
    booking: boolean;
    queue: boolean;
    largest_party: number;
    days_ahead: number;
    slot_min: number;
    stay_min: number;
    grace_min: number;
    come_min: number;
  } | null;
  rules: Rule[];
}
export interface Slot {
  starts_at: string;
  ends_at: string;
  left: number;
}
export interface DaySlots {
  day: string;
  first_day: string;
  last_day: string;
  slots: Slot[];
}
export interface Booking {
  booking_id: string;
  place_id: number;
  place: string;
  place_code: string;
  timezone: string;
  starts_at: string;
  ends_at: string;
  come_by: string;
  size: number;
  code: string;
  state: 'booked' | 'arrived' | 'cancelled' | 'missed';
}
export interface Ticket {
  ticket_id: string;
  place_id: number;
  number: number;
  size: number;
  state: 'waiting' | 'called' | 'entered' | 'left' | 'expired';
  ahead: number | null;
  eta_s: number | null;
  before_close: boolean;
  joined_at: string;
  come_by: string | null;
}
export interface Mine {
  bookings: Booking[];
  tickets: Ticket[];
}
export interface DeskDoor {
  door: string;
  name: Both;
  from_zone: string | null;
  to_zone: string;
  inward: number;
  outward: number;
  last_at: string | null;
  sources: ('manual' | 'sensor' | 'camera')[];
  silent: boolean;
  counters: { source: 'sensor' | 'camera'; last_at: string; silent: boolean }[];
}
export interface DeskTicket {
  ticket_id: string;
  number: number;
  size: number;
  state: Ticket['state'];
  passed: number;
  joined_at: string;
  come_by: string | null;
}
export interface Desk {
  door: Door;
  zones: { zone: string; people: number; drift: number; since: string; counted: boolean }[];
  doors: DeskDoor[];
  room: number | null;
  tickets: DeskTicket[];
  bookings: { booking_id: string; starts_at: string; size: number; code: string; state: Booking['state'] }[];
}
export interface TermsEdit {
  slot_min: number;
  stay_min: number;
  bookable_pct: number;
  largest_party: number;
  days_ahead: number;
  grace_min: number;
  open_bookings: number;
  queue: boolean;
  auto_call: boolean;
  come_min: number;
}
export interface WelcomeEdit {
  version: number;
  zones: { zone: string; name: Both; capacity: number | null }[];
  doors: { door: string; name: Both; from_zone: string | null; to_zone: string }[];
  terms: TermsEdit;
  rules: { kind: string; value: number | null; text: Both | null }[];
}
export interface WelcomeSettings extends WelcomeEdit {
  capacity: number | null;
  kinds: Rule[];
}
export interface Crossing {
  event_id: string;
  at: string;
  inward: number;
  outward: number;
}
export interface PlaceBriefly {
  place_id: number;
  code: string;
  name: string;
  city: string;
  /** Somebody said how people are let in there. */
  set_up: boolean;
}

const BASE = '/api/welcome';
const seg = encodeURIComponent;
const desk = (place_id: number) => `/api/console/welcome/${place_id}`;
const of = (seller_id?: number) => ({ query: { seller_id } });

export const welcome = {
  places: (seller_id: number, code?: string) => get<PlaceBriefly[]>(`${BASE}/places`, { seller_id, code }),
  place: (place_id: number) => get<Door>(`${BASE}/places/${place_id}`),
  events: (place_id: number) => `${BASE}/places/${place_id}/events`,
  slots: (place_id: number, day?: string) => get<DaySlots>(`${BASE}/places/${place_id}/slots`, { day }),
  mine: (place_id?: number) => get<Mine>(`${BASE}/mine`, { place_id }),
  book: (booking: { booking_id: string; place_id: number; starts_at: string; size: number }) => post<Booking>(`${BASE}/bookings`, booking),
  cancel: (booking_id: string) => post<Booking>(`${BASE}/bookings/${seg(booking_id)}/cancel`),
  calendar: (booking_id: string, lang: string) => `${BASE}/bookings/${seg(booking_id)}/visit.ics?lang=${lang}`,
  join: (ticket: { ticket_id: string; place_id: number; size: number }) => post<Ticket>(`${BASE}/tickets`, ticket),
  ticket: (ticket_id: string) => get<Ticket>(`${BASE}/tickets/${seg(ticket_id)}`),
  leave: (ticket_id: string) => post<Ticket>(`${BASE}/tickets/${seg(ticket_id)}/leave`),
};

export const doorDesk = {
  read: (place_id: number, seller_id?: number) => get<Desk>(desk(place_id), { seller_id }),
  cross: (door: string, crossings: Crossing[], seller_id?: number) => post<{ recorded: number }>(`${BASE}/crossings`, { door, source: 'manual', crossings }, of(seller_id)),
  headcount: (place_id: number, told: { event_id: string; zone: string; people: number }, seller_id?: number) => post<Desk>(`${desk(place_id)}/headcounts`, told, of(seller_id)),
  give: (place_id: number, ticket: { ticket_id: string; size: number }, seller_id?: number) => post<Desk>(`${desk(place_id)}/tickets`, ticket, of(seller_id)),
  move: (place_id: number, ticket_id: string, deed: 'call' | 'enter' | 'leave' | 'expire', door: string | null, seller_id?: number) =>
    post<Desk>(`${desk(place_id)}/tickets/${seg(ticket_id)}/${deed}`, { door }, of(seller_id)),
  arrive: (place_id: number, code: string, door: string | null, seller_id?: number) => post<Booking>(`${desk(place_id)}/arrivals`, { code, door }, of(seller_id)),
  settings: (place_id: number, seller_id?: number) => get<WelcomeSettings>(`${desk(place_id)}/settings`, { seller_id }),
  save: (place_id: number, edit: WelcomeEdit, seller_id?: number) => put<WelcomeSettings>(`${desk(place_id)}/settings`, edit, of(seller_id)),
};
