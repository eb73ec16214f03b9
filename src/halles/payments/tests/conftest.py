"""The two providers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from halles.kernel.db import Database
from halles.payments.adapters.demo import DemoPsp
from halles.payments.tests.hands import DemoHands, Hands, StripeHands, localstripe


@pytest.fixture(scope="session")
def stripe_base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with localstripe(tmp_path_factory.mktemp("localstripe")) as base:
        yield base


@pytest.fixture(params=["demo", "stripe"])
async def hands(request: pytest.FixtureRequest, db: Database) -> AsyncIterator[Hands]:
    """Each provider in turn."""
    made: Hands = (
        DemoHands(DemoPsp(db))
        if request.param == "demo"
        else StripeHands(request.getfixturevalue("stripe_base"))
    )
    yield made
    await made.close()
