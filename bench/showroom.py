"""How long a measurement report takes: visits and orders of a year, made by SQL, in a PostgreSQL of its own.

python bench/showroom.py [--visits 100000] [--orders 20000]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from datetime import UTC, date, datetime, timedelta

import psycopg
from measure import own_postgres

from halles.assortments import api as assortments
from halles.assortments.types import PostcodePoint
from halles.identity import api as identity
from halles.journeys.measurement.api import report
from halles.journeys.measurement.types import Question
from halles.kernel import migrate
from halles.kernel.db import Database
from halles.places import api as places
from halles.places.types import PlaceDraft, PlaceKind

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
DEPARTMENTS, CODES = 90, 20
SAMPLES = 300

VISITS = """
insert into visits.event (seller_id, event_id, kind, place_id, touchpoint_id, visitor, product_id, at)
  select {seller}, gen_random_uuid(), case when k = 0 then 'opened' else 'product_seen' end, {place}, 1, 'v' || n,
    case when k > 0 then ('00000000-0000-0000-0000-' || lpad(((n * 7 + k * 13) % {samples})::text, 12, '0'))::uuid end,
    '{now}'::timestamptz - (n % 80) * interval '1 day' - k * interval '1 minute'
  from generate_series(1, {visits}) n, generate_series(0, 3) k;
insert into visits.agreed select {seller}, 1000000 + n, '{now}'::timestamptz - interval '90 days'
  from generate_series(1, {visits}) n where n % 10 < 3;
insert into visits.consent (seller_id, party_id, consent_id, agreed, text_version, language, at)
  select seller_id, party_id, gen_random_uuid(), true, 1, 'fr', '{now}'::timestamptz - interval '20 days' from visits.agreed;
insert into visits.tie select {seller}, 'v' || n, '{now}'::timestamptz - (n % 80) * interval '1 day' - interval '2 hours',
    '{now}'::timestamptz - (n % 80) * interval '1 day', 1000000 + n
  from generate_series(1, {visits}) n where n % 10 < 3;
insert into visits.hourly select {seller}, date_trunc('hour', at), {place}, 1, 'visit', 0, count(*)
  from visits.event where kind = 'opened' group by 2;
"""
ORDERS = """
insert into orders.kept (seller_id, digest, body) values ({seller}, 'x', '{{}}');
insert into orders."order" (seller_id, order_id, owner_id, total_minor, tax_minor, currency, state, payment, placed_at,
    promise_id, fingerprint, lines, ship_to)
  select {seller}, gen_random_uuid(), 1000000 + n * 5, 9900, 0, 'EUR', 4, 2,
    '{now}'::timestamptz - (n % 364) * interval '1 day', (select min(kept_id) from orders.kept), '\\x00',
    array[n % {samples}, 1, 9900, 2000, 1, 1, (n + 7) % {samples}, 2, 100, 2000, 1, 1]::bigint[],
    jsonb_build_object('country', 'FR', 'postcode',
      lpad((1 + (n / {codes}) % {departments})::text, 2, '0') || lpad((n % {codes})::text, 3, '0'))
  from generate_series(1, {orders}) n;
insert into places.sample (seller_id, place_id, product_id, code, placed_at)
  select {seller}, {place}, ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'S' || n,
    '{now}'::timestamptz - interval '70 days' from generate_series(0, {samples} - 1) n;
analyze;
"""


async def furnish(db: Database, dsn: str, visits: int, orders: int) -> tuple[int, int]:
    """A seller with a place, visits and orders; gives their ids."""
    async with db.transaction() as tx:
        seller = await identity.create_organisation(tx, "Bench", now=NOW)
        draft = PlaceDraft(
            code="bench",
            name="Bench",
            kind=PlaceKind.SHOWROOM,
            city="Paris",
            country="FR",
            timezone="Europe/Paris",
            currency="EUR",
            latitude=45.0,
            longitude=2.0,
            opening_hours={},
        )
        place = await places.add_place(tx, seller, draft)
        points = [
            PostcodePoint(
                country="FR",
                postcode=f"{area:02d}{code:03d}",
                latitude=45.0 + (area - 1) * 0.3,
                longitude=2.0 + code * 0.01,
            )
            for area in range(1, DEPARTMENTS + 1)
            for code in range(CODES)
        ]
        await assortments.put_postcodes(tx, seller, points)
    holes = {
        "seller": seller,
        "place": place.place_id,
        "now": NOW.isoformat(),
        "visits": visits,
        "orders": orders,
        "samples": SAMPLES,
        "departments": DEPARTMENTS,
        "codes": CODES,
    }
    with psycopg.connect(dsn, autocommit=True) as connection:
        for script in (VISITS, ORDERS):
            connection.execute(script.format(**holes).encode())
    return seller, place.place_id


async def measure(dsn: str, visits: int, orders: int) -> None:
    db = await Database.open(dsn)
    seller, place_id = await furnish(db, dsn, visits, orders)
    asked = Question(
        place_id=place_id,
        since=NOW.date() - timedelta(days=56),
        until=NOW.date(),
        outcome="orders",
        radius_km=25,
        opened=date(2026, 9, 12),
    )
    wall: list[float] = []
    cpu: list[float] = []
    found = await report(db, seller, asked, now=NOW, least_shoppers=10, language="en")
    for _ in range(3):
        began, before = time.perf_counter(), time.process_time()
        await report(db, seller, asked, now=NOW, least_shoppers=10, language="en")
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - before)
    print(
        f"{visits:,} visits, {orders:,} orders, {SAMPLES} samples: {statistics.median(wall):.2f} s "
        f"(Python {statistics.median(cpu):.2f} s CPU), {found.coverage.people} people, lift {found.lift.why} with "
        f"{found.lift.controls} areas, {sum(one.cause is not None for one in found.samples)} samples told"
    )
    await db.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--visits", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=20_000)
    args = parser.parse_args()
    with own_postgres(None) as server:
        migrate.upgrade(server.dsn)
        asyncio.run(measure(server.dsn, args.visits, args.orders))


if __name__ == "__main__":
    main()
