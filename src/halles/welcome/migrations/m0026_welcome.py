"""Zones, doors, counts, slots, bookings and the queue."""

from alembic import op

revision = "0026_welcome"
down_revision = "0025_bundles"


def upgrade() -> None:
    op.execute(_TABLES)


# `terms` is also the lock of a place: who books, queues or calls there takes its row first. `zone.capacity` null: the place's.
# A door leads from `from_zone` (null: outside) to `to_zone`; a crossing keeps the zones as its door joined them when it was
# noted, so that a door moved later changes no count of the past. `slot.booked`: people of its bookings that stand; `most`:
# what it could take when the last of them was made. `booking.party_id`, `ticket.party_id` null: forgotten, or made by staff for
# somebody without a phone.
_TABLES = """
create schema welcome;

create table welcome.terms (
  seller_id bigint not null,
  place_id bigint not null,
  slot_min integer not null check (slot_min between 5 and 480),
  stay_min integer not null check (stay_min between 5 and 1440),
  bookable_pct integer not null check (bookable_pct between 0 and 100),
  largest_party integer not null check (largest_party between 1 and 500),
  days_ahead integer not null check (days_ahead between 0 and 90),
  grace_min integer not null check (grace_min between 0 and 240),
  open_bookings integer not null check (open_bookings between 1 and 20),
  queue boolean not null,
  auto_call boolean not null,
  come_min integer not null check (come_min between 1 and 60),
  rules jsonb not null,
  version integer not null default 1,
  updated_at timestamptz not null,
  primary key (seller_id, place_id)
);

create table welcome.zone (
  seller_id bigint not null,
  place_id bigint not null,
  zone text not null check (zone ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
  name_fr text not null,
  name_en text not null,
  capacity integer check (capacity > 0),
  rank integer not null,
  primary key (seller_id, place_id, zone)
);

create table welcome.door (
  seller_id bigint not null,
  door text not null check (door ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
  place_id bigint not null,
  name_fr text not null,
  name_en text not null,
  from_zone text,
  to_zone text not null,
  rank integer not null,
  primary key (seller_id, door),
  check (from_zone is distinct from to_zone)
);

create table welcome.crossing (
  seller_id bigint not null,
  event_id uuid not null,
  place_id bigint not null,
  door text not null,
  from_zone text,
  to_zone text not null,
  at timestamptz not null,
  inward integer not null check (inward >= 0),
  outward integer not null check (outward >= 0),
  source text not null check (source in ('manual', 'sensor', 'camera')),
  noted_at timestamptz not null,
  primary key (seller_id, event_id)
);
create index crossing_of_place on welcome.crossing (seller_id, place_id, at)
  include (from_zone, to_zone, inward, outward);

create table welcome.headcount (
  seller_id bigint not null,
  event_id uuid not null,
  place_id bigint not null,
  zone text not null,
  at timestamptz not null,
  people integer not null check (people >= 0),
  noted_by bigint,
  noted_at timestamptz not null,
  primary key (seller_id, event_id)
);
create index headcount_of_zone on welcome.headcount (seller_id, place_id, zone, at desc);

create table welcome.slot (
  seller_id bigint not null,
  place_id bigint not null,
  starts_at timestamptz not null,
  booked integer not null check (booked >= 0),
  most integer not null,
  primary key (seller_id, place_id, starts_at),
  check (booked <= most)
);

create table welcome.booking (
  seller_id bigint not null,
  booking_id uuid not null,
  place_id bigint not null,
  party_id bigint,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  day date not null,
  size integer not null check (size > 0),
  code text not null,
  state text not null default 'booked' check (state in ('booked', 'arrived', 'cancelled', 'missed')),
  made_at timestamptz not null,
  ended_at timestamptz,
  primary key (seller_id, booking_id),
  check ((state = 'booked') = (ended_at is null))
);
create unique index booking_code on welcome.booking (seller_id, place_id, day, code);
create index booking_due on welcome.booking (seller_id, place_id, starts_at) where state = 'booked';
create index booking_of_party on welcome.booking (party_id, starts_at) where party_id is not null;

create table welcome.ticket (
  seller_id bigint not null,
  ticket_id uuid not null,
  place_id bigint not null,
  party_id bigint,
  day date not null,
  number integer not null,
  size integer not null check (size > 0),
  state text not null default 'waiting' check (state in ('waiting', 'called', 'entered', 'left', 'expired')),
  passed integer not null default 0,
  joined_at timestamptz not null,
  called_at timestamptz,
  come_by timestamptz,
  ended_at timestamptz,
  primary key (seller_id, ticket_id),
  check ((state in ('waiting', 'called')) = (ended_at is null)),
  check ((state = 'called') <= (called_at is not null and come_by is not null))
);
create unique index ticket_number on welcome.ticket (seller_id, place_id, day, number);
create index ticket_open on welcome.ticket (seller_id, place_id, number) where ended_at is null;
create index ticket_of_party on welcome.ticket (party_id) where party_id is not null;
"""
