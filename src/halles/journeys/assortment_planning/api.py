"""Planning an assortment: read in one moment, choose without a transaction, keep."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from halles.assortments import api as assortments
from halles.assortments.types import BadHistory, History, Plan, Scenario, Wishes
from halles.catalog import api as catalog
from halles.journeys.assortment_planning.files import HistoryLine
from halles.journeys.assortment_planning.reading import read_facts
from halles.kernel.db import Database, Tx
from halles.kernel.errors import TooMany
from halles.kernel.ids import SellerId
from halles.places import api as places

__all__ = ["PlanningBusy", "import_history", "make_plan", "make_scenario"]

_running: set[tuple[int, int]] = set()
_OLDEST = timedelta(days=3650)


class PlanningBusy(TooMany):
    """Another plan of this seller is being computed in this process."""

    code, title = "assortments.busy", "A plan is being made"


@contextmanager
def _alone(seller_id: int) -> Generator[None]:
    """One plan of a seller at a time: each takes a core for seconds."""
    me = (id(asyncio.get_running_loop()), seller_id)
    if me in _running:
        raise PlanningBusy("Another plan is being made; try again in a moment.", retry_after_s=3)
    _running.add(me)
    try:
        yield
    finally:
        _running.discard(me)


async def make_plan(
    db: Database, seller_id: SellerId, place_id: int, wishes: Wishes, *, now: datetime, least_shoppers: int
) -> Plan:
    """The plan of these wishes, kept nowhere. Raises UnknownPlace, BadWishes, NoPlanFound, PlanningBusy."""
    assortments.check(wishes)
    with _alone(seller_id):
        async with db.snapshot() as tx:
            place = await places.place(tx, place_id, seller_id)
            facts = await read_facts(tx, seller_id, place, wishes, now=now, least_shoppers=least_shoppers)
        return await asyncio.to_thread(
            assortments.plan,
            facts.articles,
            wishes,
            facts.seen,
            currency=place.currency,
            shown=facts.shown,
            least_shoppers=least_shoppers,
        )


async def make_scenario(
    db: Database,
    seller_id: SellerId,
    scenario_id: UUID,
    *,
    place_id: int,
    name: str,
    wishes: Wishes,
    by: int,
    now: datetime,
    least_shoppers: int,
) -> Scenario:
    """Plan and keep; the same command again gives the first answer, though demand moved on meanwhile. Raises as `make_plan`, and
    ScenarioIdTaken."""
    async with db.reading() as tx:
        found = await assortments.find(
            tx, seller_id, scenario_id, place_id=place_id, name=name, wishes=wishes
        )
    if found is not None:
        return found
    made = await make_plan(db, seller_id, place_id, wishes, now=now, least_shoppers=least_shoppers)
    async with db.transaction() as tx:
        return await assortments.keep(
            tx,
            seller_id,
            scenario_id,
            place_id=place_id,
            name=name,
            wishes=wishes,
            made=made,
            by=by,
            now=now,
        )


async def import_history(tx: Tx, seller_id: SellerId, lines: list[HistoryLine], now: datetime) -> int:
    """Keep a file of demand, all of it or nothing; variants of a product are added up. Repeating it adds nothing. Raises
    BadHistory."""
    skus = await catalog.sku_ids(tx, seller_id, sorted({one.sku for one in lines}))
    infos = await catalog.load_variants(tx, seller_id, sorted(skus.values()))
    rows: dict[tuple[object, ...], History] = {}
    for one in lines:
        if one.sku not in skus:
            raise BadHistory(f"Line {one.line}: there is no SKU {one.sku!r}.", line=one.line)
        if not now.date() - _OLDEST <= one.day <= now.date() + timedelta(days=1):
            raise BadHistory(f"Line {one.line}: {one.day} lies outside the last ten years.", line=one.line)
        product_id = infos[skus[one.sku]].product_id
        key = (one.country, one.postcode, one.day, product_id)
        before = rows.get(key)
        rows[key] = History(
            country=one.country,
            postcode=one.postcode,
            day=one.day,
            product_id=product_id,
            sales=one.sales + (before.sales if before else 0),
            views=one.views + (before.views if before else 0),
            searches=one.searches + (before.searches if before else 0),
            shoppers=max(one.shoppers, before.shoppers if before else 0),
        )
    return await assortments.put_history(tx, seller_id, list(rows.values()))
