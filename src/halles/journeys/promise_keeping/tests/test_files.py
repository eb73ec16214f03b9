"""Lanes and histories from files, at the terminal and in the database; what the doctor says of promises."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from halles.journeys.checkout.tests.small_shop import NOW, open_shop
from halles.journeys.doctor.promised import compare
from halles.journeys.promise_keeping.cli import app, put_lanes
from halles.journeys.promise_keeping.lane_files import read_lanes
from halles.kernel.db import Database
from halles.orders.api import Promised
from halles.orders.types import OrderState
from halles.promises import api as promises
from halles.promises.types import BadLane, Line

LANES = """lane,origin,location,origin_country,country,leg,earliest,likely,latest,carrier,hub,timezone,cutoff,weekdays,quantile
hub,Roissy hub,Roissy hub,FR,FR BE,pick_pack,0,1,1,,,Europe/Paris,14:00,,0.95
hub,Roissy hub,Roissy hub,FR,FR BE,last_mile,1,2,3,Colis du Marché,,,,mon tue wed thu fri sat,
abroad,Hangzhou warehouse,,CN,FR,pick_pack,0,1,2,,,,16:00,,
abroad,Hangzhou warehouse,,CN,FR,hub,0,1,2,,Roissy hub,,,,
abroad,Hangzhou warehouse,,CN,FR,last_mile,1,2,3,,,,,,
"""


def test_lanes_are_read_for_each_country() -> None:
    hub, belgian, abroad = read_lanes(LANES.splitlines())
    assert (hub.draft.country, belgian.draft.country, hub.draft.quantile, hub.location) == (
        "FR",
        "BE",
        0.95,
        "Roissy hub",
    )
    assert (hub.draft.legs[1].weekdays, abroad.draft.legs[1].hub) == (0b111111, "Roissy hub")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("earliest", "soonest", "lacks earliest"),
        ("pick_pack,0,1,1", "pick_pack,zero,1,1", "Line 2"),
        ("14:00", "2 pm", "Line 2"),
        ("mon tue", "mon someday", "Line 3"),
        (",0.95", ",often", "quantile|often"),
        ("hub,Roissy", "tunnel,Roissy", "tunnel"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(old: str, new: str, why: str) -> None:
    with pytest.raises(BadLane, match=why):
        read_lanes(LANES.replace(old, new).splitlines())


async def test_lanes_of_a_file_are_kept_and_promise(db: Database) -> None:
    shop = await open_shop(db)
    for _ in range(2):
        async with db.transaction() as tx:
            assert await put_lanes(tx, shop.seller_id, read_lanes(LANES.splitlines())) == 3
    async with db.reading() as tx:
        ways = await promises.load_ways(tx, [shop.seller_id], NOW)
        (found,) = [lane for lane in ways.to(shop.seller_id, "FR") if lane.lane == "hub"]
        assert (found.location_id, [leg.owner for leg in found.legs]) == (
            shop.hub,
            ["Roissy hub", "Colis du Marché"],
        )
        promise = promises.quote_line(
            Line(variant_id=1, locations=(shop.hub,)), ways.to(shop.seller_id, "FR"), ways.calendar, NOW
        )
    assert (promise.date, promise.deadline, promise.days) == (date(2026, 11, 24), date(2026, 11, 27), 3)
    with pytest.raises(BadLane, match="stock location"):
        async with db.transaction() as tx:
            await put_lanes(
                tx,
                shop.seller_id,
                read_lanes(LANES.replace("Roissy hub,FR,FR", "Atlantis,FR,FR").splitlines()),
            )


async def test_a_history_teaches_once(db: Database) -> None:
    shop = await open_shop(db)
    rows = ["order_id,placed_at,origin,country,delivered_at,promised_by"]
    for number in range(40):
        placed = NOW - timedelta(days=60 - number)
        rows.append(
            f"{number},{placed.isoformat()},Roissy hub,FR,{(placed + timedelta(days=9)).isoformat()},"
        )
    rows.append(f"x,{NOW.isoformat()},Nowhere,FR,{NOW.isoformat()},")
    history = list(promises.read_history(rows))
    async with db.reading() as tx:
        before = await promises.load_ways(tx, [shop.seller_id], NOW)
    for made in (40, 0):
        async with db.transaction() as tx:
            assert await promises.import_history(tx, shop.seller_id, history, before) == made
    async with db.reading() as tx:
        after = await promises.load_ways(tx, [shop.seller_id], NOW)
        written = await promises.load_ways(tx, [shop.seller_id], NOW, as_written=True)
        kept = await promises.kept(tx, shop.seller_id, NOW.date() - timedelta(days=90))

    def deadline(ways: promises.Ways) -> date:
        lanes = [lane for lane in ways.to(shop.seller_id, "FR") if lane.location_id == shop.hub]
        return promises.quote_line(
            Line(variant_id=1, locations=(shop.hub,)), lanes, ways.calendar, NOW
        ).deadline

    assert deadline(after) > deadline(before) == deadline(written)
    assert [(row.cause, row.owner, row.orders) for row in kept] == [("last_mile", "carrier", 40)]


def test_a_backtest_at_the_terminal(tmp_path: Path) -> None:
    lanes, history = tmp_path / "lanes.csv", tmp_path / "history.csv"
    lanes.write_text(LANES)
    start = datetime(2026, 1, 5, 8, tzinfo=UTC)
    rows = ["placed_at,origin,country,delivered_at"]
    for number in range(60):
        placed = start + timedelta(days=number)
        rows.append(f"{placed.isoformat()},Roissy hub,FR,{(placed + timedelta(days=6)).isoformat()}")
    rows.append(f"{start.isoformat()},Nowhere,FR,{start.isoformat()}")
    history.write_text("\n".join(rows))
    ran = CliRunner().invoke(app, ["backtest", "--history", str(history), "--lanes", str(lanes), "--json"])
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.output)
    assert found["unknown"] == 1
    assert found["policies"]["learned 0.9"]["kept_share"] > found["policies"]["as written 0.9"]["kept_share"]
    told = CliRunner().invoke(app, ["backtest", "--history", str(history), "--lanes", str(lanes)])
    assert "pinball" in told.output


def standing(state: int, **more: object) -> promises.Standing:
    known: dict[str, object] = {
        "deadline": date(2026, 12, 1),
        "delivered_on": None,
        "due": state <= 3,
        **more,
    }
    return promises.Standing(seller_id=1, order_id=UUID(int=1), state=state, **known)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("state", "watch", "quiet", "found"),
    [
        (OrderState.PLACED, standing(1), True, []),
        (OrderState.PLACED, standing(0), True, []),
        (OrderState.PLACED, None, True, ["promise.watched"]),
        (OrderState.PLACED, None, False, []),
        (OrderState.DELIVERED, None, True, []),
        (OrderState.SHIPPED, standing(2, deadline=date(2026, 12, 2)), False, ["promise.deadline"]),
        (OrderState.SHIPPED, standing(2, due=False), False, ["promise.due"]),
        (OrderState.SHIPPED, standing(6), True, ["promise.state"]),
        (OrderState.CANCELLED, standing(1), True, ["promise.state"]),
        (OrderState.CANCELLED, standing(1), False, []),
        (OrderState.DELIVERED, standing(4, delivered_on=date(2026, 11, 30)), True, []),
        (OrderState.DELIVERED, standing(4), True, ["promise.delivered"]),
    ],
)
def test_the_doctor_on_promises(
    state: OrderState, watch: promises.Standing | None, quiet: bool, found: list[str]
) -> None:
    order = Promised(
        seller_id=1, order_id=UUID(int=1), state=state, placed_at=NOW, deadline=date(2026, 12, 1)
    )
    watches = {} if watch is None else {watch.order_id: watch}
    assert [one.check for one in compare([order], watches, quiet=quiet)] == found
