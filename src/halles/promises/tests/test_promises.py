"""Lanes and calendars against a real PostgreSQL."""

from datetime import UTC, date, datetime

import pytest

from halles.kernel.db import Database, counting
from halles.promises import api
from halles.promises.types import LaneKind, Line, NoLane

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


async def test_a_quote_from_stored_lanes_costs_two_statements(db: Database) -> None:
    async with db.transaction() as tx:
        lane_id = await api.save_lane(
            tx,
            7,
            lane=LaneKind.HUB,
            origin="Hub",
            origin_country="FR",
            country="FR",
            transit_days=3,
            spread_days=1,
        )
        again = await api.save_lane(
            tx,
            7,
            lane=LaneKind.HUB,
            origin="Hub",
            origin_country="FR",
            country="FR",
            transit_days=2,
            spread_days=1,
        )
        assert again == lane_id
        await api.save_holidays(tx, "FR", {date(2026, 11, 24): "closed"})
        with counting() as counter:
            promise = await api.quote_for(tx, 7, "FR", [Line(variant_id=1)], NOW)
        assert counter.statements == 2
        assert (promise.date, promise.latest) == (date(2026, 11, 26), date(2026, 11, 27))
        with pytest.raises(NoLane):
            await api.quote_for(tx, 7, "DE", [Line(variant_id=1)], NOW)
        with pytest.raises(NoLane):
            await api.quote_for(tx, 8, "FR", [Line(variant_id=1)], NOW)
