"""The journey on the demo's provider, whose line can break."""

from __future__ import annotations

import pytest

from halles.journeys.card_payment.api import CardPayments
from halles.journeys.card_payment.refunds import CardRefunds
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.payments.adapters.demo import DemoPsp
from halles.payments.tests.hands import Flaky


@pytest.fixture
def psp(db: Database) -> Flaky:
    return Flaky(DemoPsp(db))


@pytest.fixture
def journey(db: Database, psp: Flaky, clock: FixedClock) -> CardPayments:
    return CardPayments(db, psp, clock)


@pytest.fixture
def refunds(db: Database, psp: Flaky, clock: FixedClock) -> CardRefunds:
    return CardRefunds(db, psp, clock)


@pytest.fixture
async def shop(db: Database) -> Shop:
    return await open_shop(db, funds_minor=0)
