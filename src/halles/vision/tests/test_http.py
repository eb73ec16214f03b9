"""Which candidate the shopper took."""

from __future__ import annotations

import httpx
import pytest

from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, counting
from halles.kernel.ids import uuid7
from halles.vision import api
from halles.vision.types import FoundBy, MatchId, Outcome, PhotoMatch


async def _matched(db: Database, clock: FixedClock) -> MatchId:
    match = PhotoMatch(
        match_id=MatchId(uuid7()),
        seller_id=11,
        place_id=None,
        touchpoint_id=None,
        visitor=None,
        model_id="m",
        outcome=Outcome.UNKNOWN,
        found_by=FoundBy.PICTURE,
        gtin=None,
        candidates=(),
        cpu_ms=1.0,
        taken_at=clock(),
    )
    async with db.transaction() as tx:
        await api.record_match(tx, match)
    return match.match_id


async def test_a_choice_is_recorded(client: httpx.AsyncClient, db: Database, clock: FixedClock) -> None:
    match_id = await _matched(db, clock)
    with counting() as queries:
        answer = await client.post(f"/api/photos/{match_id}/chosen", json={"variant_id": 4})
    assert (answer.status_code, answer.content) == (204, b"")
    assert queries.statements <= 2


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/photos/0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10/chosen", {"variant_id": 4}, 404),
        ("/api/photos/none/chosen", {"variant_id": 4}, 422),
        ("/api/photos/0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10/chosen", {}, 422),
        ("/api/photos/0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10/chosen", {"variant_id": 4, "x": 1}, 422),
    ],
)
async def test_a_choice_that_cannot_be_recorded(
    client: httpx.AsyncClient, path: str, body: dict[str, object], status: int
) -> None:
    answer = await client.post(path, json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
