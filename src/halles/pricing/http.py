"""Exchange rates and the ledger of prices in the console."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from halles.kernel.caller import Caller, Role
from halles.kernel.web import PROBLEM_RESPONSES, Model, MoneyModel, Seller, ServicesDep, allow
from halles.pricing import api
from halles.pricing.types import RATE_LIVES_DAYS, KeptRate

router = APIRouter(prefix="/api/console", tags=["console"], responses=PROBLEM_RESPONSES)

_READERS = (Role.STAFF, Role.HEAD_OFFICE, Role.MERCHANT)
_OF_RATES = (*_READERS, Role.OPERATOR)


class RateModel(Model):
    """Units of a currency for one euro on a day. `usable`: young enough to be shown beside a price today."""

    currency: str
    day: date
    rate: Decimal
    source: str
    recorded_at: datetime
    usable: bool


class RatesModel(Model):
    """`lives_days`: after so many days a rate is not used, and nothing is shown in its currency."""

    lives_days: int
    rates: list[RateModel]


class RatesFile(Model):
    """A rates file as text: the European Central Bank's CSV or XML, or `date,currency,rate`."""

    text: str = Field(
        min_length=1, max_length=8_000_000, examples=["Date,USD,CNY\n2026-11-20,1.1582,8.2384\n"]
    )
    source: str = Field(min_length=1, max_length=200, examples=["eurofxref.csv"])


class RatesSaved(Model):
    """`changed`: how many of the rates were new or different."""

    read: int
    changed: int


class PriceStepModel(Model):
    """What a variant cost from a moment on. `announced_from`: the reduction the seller announced; None: none."""

    valid_from: datetime
    price: MoneyModel
    announced_from: MoneyModel | None
    country: str | None
    recorded_at: datetime


@router.get("/rates", operation_id="rates")
async def rates(services: ServicesDep, caller: Caller = allow(*_OF_RATES)) -> RatesModel:
    """The latest rate of each currency, with its day and source. One query."""
    async with services.db.reading() as tx:
        return _model(await api.latest_rates(tx), services.clock())


@router.get("/rates/{currency}", operation_id="rate_history")
async def rate_history(
    currency: Annotated[str, Path(pattern="^[A-Z]{3}$", examples=["CNY"])],
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    caller: Caller = allow(*_OF_RATES),
) -> RatesModel:
    """Every rate of a currency that was ever written down, corrections included, the latest first. One query."""
    async with services.db.reading() as tx:
        return _model(await api.rate_history(tx, currency, limit=limit), services.clock())


@router.post("/rates", operation_id="import_rates")
async def import_rates(
    body: RatesFile, services: ServicesDep, caller: Caller = allow(Role.OPERATOR)
) -> RatesSaved:
    """Import a rates file: all of it or nothing. The same file again changes nothing. Two queries.

    Rates are shared by every seller of the installation, so its operator alone brings them.
    """
    found = api.read_rates(body.text)
    async with services.db.transaction() as tx:
        changed = await api.save_rates(tx, found, body.source, services.clock())
    return RatesSaved(read=len(found), changed=changed)


@router.get("/prices/{variant_id}/history", operation_id="price_history")
async def price_history(
    variant_id: Annotated[int, Path(ge=1, le=2**62)],
    services: ServicesDep,
    seller_id: Seller = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    caller: Caller = allow(*_READERS),
) -> list[PriceStepModel]:
    """What a variant cost until now in every currency, the latest first. One query."""
    async with services.db.reading() as tx:
        steps = await api.history(
            tx, caller.need_seller(seller_id), variant_id, services.clock(), limit=limit
        )
    return [
        PriceStepModel(
            valid_from=step.valid_from,
            price=MoneyModel(minor=step.minor, currency=step.currency),
            announced_from=None
            if step.regular_minor is None
            else MoneyModel(minor=step.regular_minor, currency=step.currency),
            country=step.country,
            recorded_at=step.recorded_at,
        )
        for step in steps
    ]


def _model(kept: list[KeptRate], now: datetime) -> RatesModel:
    return RatesModel(
        lives_days=RATE_LIVES_DAYS,
        rates=[
            RateModel(
                currency=rate.currency,
                day=rate.day,
                rate=rate.rate,
                source=rate.source,
                recorded_at=rate.recorded_at,
                usable=0 <= (now.date() - rate.day).days <= RATE_LIVES_DAYS,
            )
            for rate in kept
        ],
    )
