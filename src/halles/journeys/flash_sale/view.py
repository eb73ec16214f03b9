"""Sales as pages are told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from halles.catalog import api as catalog
from halles.catalog.types import VariantInfo
from halles.flash import api as flash
from halles.flash.types import ItemRow, Sale
from halles.journeys.flash_sale.models import (
    ConsoleItem,
    ConsoleSale,
    CounterView,
    ItemDraft,
    SaleBrief,
    SaleItemView,
    SalePlan,
    SaleView,
    TitleModel,
)
from halles.journeys.flash_sale.types import Live
from halles.kernel.db import Tx
from halles.kernel.live import frame
from halles.kernel.money import Money
from halles.kernel.web import MoneyModel
from halles.pricing import api as pricing
from halles.pricing.types import Price

_JUST_BEFORE = timedelta(microseconds=1)


def money(amount: Money | None) -> MoneyModel | None:
    return None if amount is None else MoneyModel(minor=amount.minor, currency=amount.currency)


def opens_at(sale: Sale) -> datetime | None:
    """When the waiting room opens, None without one."""
    return sale.starts_at - timedelta(seconds=sale.prequeue_s) if sale.waiting_room else None


def counter_of(live: Live) -> CounterView:
    """The counter that everybody sees."""
    sale, now = live.sale, live.standing
    return CounterView(
        sale_id=sale.sale_id,
        phase=live.phase.value,
        now=live.read_at,
        starts_at=sale.starts_at,
        ends_at=sale.over_at,
        quantity=sale.quantity,
        left=live.left,
        sold=now.taken,
        watchers=now.watchers,
        joined=live.joined,
        admitted_to=now.admitted_to,
        rate_per_s=round(now.measured_per_s, 4),
        drawn=now.drawn,
        seed=None if now.drawn is None else sale.seed.hex(),
        paused=now.paused if live.waiting and live.phase.value == "running" else None,
    )


def counter_frame(live: Live) -> str:
    """The counter as one event of the stream, the same bytes for everybody."""
    return frame("counter", msgspec.json.encode(counter_of(live).model_dump(mode="json")).decode())


def page_of(live: Live, items: list[SaleItemView], language: str) -> SaleView:
    sale = live.sale
    return SaleView(
        seller_id=sale.seller_id,
        title=catalog.pick(sale.title, language),
        opens_at=opens_at(sale),
        per_customer=sale.per_customer,
        waiting_room=sale.waiting_room,
        hold_s=sale.hold_s,
        commitment=flash.commitment(sale.seed),
        items=items,
        counter=counter_of(live),
    )


async def items_view(tx: Tx, live: Live, language: str, country: str, now: datetime) -> list[SaleItemView]:
    """The articles with the prices of the sale: of its start before it, of now while it runs. Two statements."""
    sale = live.sale
    at = min(max(now, sale.starts_at), sale.over_at - _JUST_BEFORE)
    ids = [item.variant_id for item in live.items]
    infos = await catalog.load_variants(tx, sale.seller_id, ids)
    prices = await pricing.prices(tx, sale.seller_id, sale.currency, ids, at, country=country)
    return [_item(infos[v], prices.get(v), language) for v in ids if v in infos]


def named(info: VariantInfo, language: str) -> str:
    """An article with its options, so that two of one product are told apart: "Coat · black, M"."""
    options = ", ".join(catalog.pick(option.value, language) for option in info.options)
    title = catalog.pick(info.title, language)
    return f"{title} · {options}" if options else title


def _item(info: VariantInfo, price: Price | None, language: str) -> SaleItemView:
    return SaleItemView(
        variant_id=info.variant_id,
        product_id=info.product_id,
        title=named(info, language),
        image=info.image,
        price=money(None if price is None else price.unit),
        was_price=money(None if price is None else price.was),
    )


def brief_of(
    sale: Sale, items: Sequence[ItemRow], infos: Mapping[int, VariantInfo], language: str, now: datetime
) -> SaleBrief:
    """A sale in a list, which does not know what is left: one that is sold out is said to run."""
    known = [infos[item.variant_id] for item in items if item.variant_id in infos]
    return SaleBrief(
        sale_id=sale.sale_id,
        title=catalog.pick(sale.title, language),
        phase=flash.phase_of(sale, left=1, now=now).value,
        starts_at=sale.starts_at,
        ends_at=sale.over_at,
        opens_at=opens_at(sale),
        product_ids=list(dict.fromkeys(info.product_id for info in known)),
        variant_ids=[item.variant_id for item in items],
    )


async def console_view(tx: Tx, live: Live, language: str) -> ConsoleSale:
    """A sale in the console. Two statements."""
    sale, now = live.sale, live.standing
    ids = [item.variant_id for item in live.items]
    infos = await catalog.load_variants(tx, sale.seller_id, ids)
    before = min(live.read_at, sale.starts_at - _JUST_BEFORE)
    prices = await pricing.prices(tx, sale.seller_id, sale.currency, ids, before)
    return ConsoleSale(
        sale_id=sale.sale_id,
        seller_id=sale.seller_id,
        plan=_plan(sale, live.items),
        items=[
            _console_item(item, infos.get(item.variant_id), prices.get(item.variant_id), language)
            for item in live.items
        ],
        version=sale.version,
        phase=live.phase.value,
        now=live.read_at,
        stopped_at=sale.stopped_at,
        settled=sale.settled_at is not None,
        left=live.left,
        taken=now.taken,
        orders=now.orders,
        orders_per_s=round(live.orders_per_s, 2),
        watchers=now.watchers,
        waiting=live.waiting,
        admitted=now.admitted_to,
        refused=now.refused,
        paused=now.paused if live.waiting and live.phase.value == "running" else None,
    )


def _plan(sale: Sale, items: Sequence[ItemRow]) -> SalePlan:
    return SalePlan(
        title=title_of(sale.title),
        currency=sale.currency,
        starts_at=sale.starts_at,
        ends_at=sale.ends_at,
        quantity=sale.quantity,
        per_customer=sale.per_customer,
        waiting_room=sale.waiting_room,
        prequeue_s=sale.prequeue_s,
        admit_per_s=sale.admit_per_s,
        hold_s=sale.hold_s,
        items=[
            ItemDraft(
                variant_id=item.variant_id,
                price_minor=item.price_minor,
                location_id=item.location_id,
                fenced=item.fenced,
            )
            for item in items
        ],
    )


def _console_item(item: ItemRow, info: VariantInfo | None, price: Price | None, language: str) -> ConsoleItem:
    return ConsoleItem(
        variant_id=item.variant_id,
        price_minor=item.price_minor,
        location_id=item.location_id,
        fenced=item.fenced,
        title="" if info is None else named(info, language),
        image=None if info is None else info.image,
        regular=money(None if price is None else price.unit),
    )


def title_of(title: dict[str, str]) -> TitleModel:
    return TitleModel(fr=catalog.pick(title, "fr"), en=catalog.pick(title, "en"))


class Pages:
    """Articles of sales as shown, kept for a few seconds: thousands ask for the same page in the minute before a start."""

    def __init__(self, ttl_s: float = 5.0) -> None:
        self._ttl_s = ttl_s
        self._found: dict[tuple[UUID, int, str, str, bool], tuple[float, list[SaleItemView]]] = {}

    def get(self, live: Live, language: str, country: str, tick: float) -> list[SaleItemView] | None:
        kept = self._found.get(self._key(live, language, country))
        return None if kept is None or kept[0] < tick else kept[1]

    def put(self, live: Live, language: str, country: str, tick: float, items: list[SaleItemView]) -> None:
        if len(self._found) > 1000:
            self._found.clear()
        self._found[self._key(live, language, country)] = (tick + self._ttl_s, items)

    def _key(self, live: Live, language: str, country: str) -> tuple[UUID, int, str, str, bool]:
        started = live.read_at >= live.sale.starts_at
        return (live.sale.sale_id, live.sale.version, language, country, started)
