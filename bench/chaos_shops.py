"""The shops, shoppers, staff and sales of the chaos bench, made through the product's own doors."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chaos_sales import SALE_PRICE

from halles.identity import api as identity
from halles.journeys.checkout.tests import small_shop
from halles.journeys.flash_sale.api import SaleDraft, SaleItem, plan
from halles.kernel.caller import Role
from halles.kernel.clock import system_clock
from halles.kernel.db import Database
from halles.kernel.ids import uuid7

SCARCE, PLENTY = 60, 10_000_000
"""Pieces of the first article and of those that are set aside; of every other."""
PLAIN, KEPT, SOLD = 9, 3, 6
"""Articles of each seller, in this order: ordered every day, set aside in reservations, sold in flash sales."""
POOR_MINOR, RICH_MINOR = 60_000, 10**10
PHOTOS, GUESTS = 4000, 30


@dataclass(slots=True, kw_only=True)
class Shops:
    """`tasks`: what each client is told; `owners`: session token → party; `poor`: parties whose money only falls; `scarce`:
    articles of which only less is sellable as time goes by; `kept`: those that are set aside in reservations, never cancelled,
    sent or restocked; `sold`: those of flash sales."""

    tasks: list[dict[str, Any]]
    owners: dict[str, int] = field(default_factory=dict[str, int])
    poor: set[int] = field(default_factory=set[int])
    scarce: set[int] = field(default_factory=set[int])
    kept: set[int] = field(default_factory=set[int])
    sold: set[int] = field(default_factory=set[int])


async def open_shops(dsn: str, clients: int, seed: int) -> Shops:
    """Two sellers with staff, and shoppers for each client: five rich ones and a poor one."""
    db = await Database.open(dsn, min_size=1, max_size=2)
    try:
        made = [
            await small_shop.open_shop(
                db, variants=PLAIN + KEPT + SOLD, stock=SCARCE, shoppers=0, name=f"maison{number}"
            )
            for number in (1, 2)
        ]
        shops = Shops(
            tasks=[],
            scarce={shop.variants[0] for shop in made},
            kept={n for shop in made for n in shop.variants[PLAIN:-SOLD]},
            sold={n for shop in made for n in shop.variants[-SOLD:]},
        )
        async with db.transaction() as tx:
            for shop in made:
                await small_shop.restock(
                    tx,
                    shop.seller_id,
                    [(shop.hub, n, PLENTY) for n in [*shop.variants[1:PLAIN], *shop.variants[-SOLD:]]],
                )
            staff = [await _session(tx, shops, shop.seller_id) for shop in made]
            for number in range(clients):
                people = [await _session(tx, shops, funds=RICH_MINOR) for _ in range(5)]
                poor = await _session(tx, shops, funds=POOR_MINOR)
                shops.poor.add(poor["party"])
                sellers = [
                    {
                        "seller_id": shop.seller_id,
                        "variants": shop.variants[:PLAIN],
                        "kept_variants": shop.variants[PLAIN:-SOLD],
                        "sale_variants": shop.variants[-SOLD:],
                        "hub": shop.hub,
                        "touchpoint": shop.touchpoint,
                        "staff": staff[index]["token"],
                        "matches": await _photos(tx, shop.seller_id),
                    }
                    for index, shop in enumerate(made)
                ]
                ship_to = {name: getattr(made[0].ship_to, name) for name in made[0].ship_to.__struct_fields__}
                task = {"seed": seed * 100 + number, "shoppers": people, "poor": [poor], "sellers": sellers}
                task["guests"] = [await _session(tx, shops, funds=RICH_MINOR) for _ in range(GUESTS)]
                shops.tasks.append({**task, "ship_to": ship_to})
    finally:
        await db.close()
    return shops


async def _session(tx: Any, shops: Shops, seller_id: int | None = None, *, funds: int = 0) -> dict[str, Any]:
    now = system_clock()
    if seller_id is None:
        party = (await identity.start_guest(tx, agent="chaos", now=now, days=30)).party_id
        await small_shop.top_up(tx, party, funds)
    else:
        party = await identity.create_person(
            tx, f"{uuid7().hex}@test.example", now=now, roles=[Role.STAFF], seller_ids=[seller_id]
        )
    token = (await identity.start_session(tx, party, agent="chaos", now=now, days=30)).token
    shops.owners[token] = party
    return {"party": party, "token": token}


async def _photos(tx: Any, seller_id: int) -> list[str]:
    """Photos that lead to nothing yet."""
    made = [uuid7() for _ in range(PHOTOS)]
    await tx.connection.execute(
        "insert into vision.photo_match (seller_id, match_id, model_id, outcome, found_by, candidates, cpu_ms, taken_at) "
        "select %s, unnest(%s::uuid[]), 'chaos', 'product', 'picture', '[]', 0, now()",
        (seller_id, made),
    )
    return [str(match_id) for match_id in made]


async def plan_sales(dsn: str, shops: Shops) -> None:
    """Three sales a seller that begin in a moment: one behind a waiting room that sells out and ends soon, one of few pieces that
    anybody may try, one of many whose orders are cancelled too."""
    db = await Database.open(dsn, min_size=1, max_size=2)
    now, sales = system_clock(), list[dict[str, Any]]()
    plans = ((True, 14, 12, 2, False), (False, 3600, 15, 2, False), (False, 2400, 1000, 3, True))
    try:
        for seller in shops.tasks[0]["sellers"]:
            for variant, (room, lasts_s, quantity, each, cancelled) in zip(
                seller["sale_variants"], plans, strict=False
            ):
                sale_id, starts = uuid7(), now + timedelta(seconds=2)
                draft = SaleDraft(
                    title={"en": "Sale"},
                    currency="EUR",
                    starts_at=starts,
                    ends_at=starts + timedelta(seconds=lasts_s),
                    quantity=quantity,
                    per_customer=each,
                    waiting_room=room,
                    prequeue_s=60 if room else 0,
                    admit_per_s=4.0,
                    hold_s=30,
                    items=(
                        SaleItem(
                            variant_id=variant, price_minor=SALE_PRICE, location_id=seller["hub"], fenced=10
                        ),
                    ),
                )
                async with db.transaction() as tx:
                    await plan(tx, seller["seller_id"], sale_id, draft, now - timedelta(hours=1))
                sales.append(
                    {
                        "sale_id": str(sale_id), "seller_id": seller["seller_id"], "variant_id": variant, "room": room,
                        "starts": starts.timestamp(), "ends": starts.timestamp() + lasts_s, "cancelled": cancelled,
                        "quantity": quantity, "per_customer": each,
                    }
                )  # fmt: skip
    finally:
        await db.close()
    for task in shops.tasks:
        task["sales"] = sales
