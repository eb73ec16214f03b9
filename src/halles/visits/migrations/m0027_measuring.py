"""Visits tied to people who agreed, and what they led to."""

from alembic import op

revision = "0027_measuring"
down_revision = "0026_welcome"


def upgrade() -> None:
    op.execute(_TABLES)


# `consent`: every answer that was given, in the order it was given; the last one holds. `agreed`: those whose last answer is yes;
# a row here is what every tie stands on, so that a withdrawal and a tie that come at once wait for each other.
# `tie`: the visitor (a browser) was this party from `since` to `until`, both included; never two parties at one moment.
_TABLES = """
create table visits.consent (
  seller_id bigint not null,
  party_id bigint not null,
  consent_id uuid not null,
  place_in_line bigint generated always as identity,
  agreed boolean not null,
  text_version smallint not null,
  language text not null,
  at timestamptz not null,
  primary key (seller_id, party_id, consent_id)
);

create table visits.agreed (
  seller_id bigint not null,
  party_id bigint not null,
  since timestamptz not null,
  primary key (seller_id, party_id)
);

create table visits.tie (
  seller_id bigint not null,
  visitor text not null,
  since timestamptz not null,
  until timestamptz not null,
  party_id bigint not null,
  primary key (seller_id, visitor, since),
  check (since <= until)
);
create index tie_of_party on visits.tie (party_id);

create index consent_of_party on visits.consent (party_id);
create index agreed_of_party on visits.agreed (party_id);
create index event_of_visitor on visits.event (seller_id, visitor, at) where visitor is not null;
"""
