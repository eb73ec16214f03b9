"""Baskets read and changed: what no lock protects from checkout's memory, the rest in two round trips that callers share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from halles.catalog.types import UnknownVariant
from halles.identity import api as identity
from halles.inventory import api as inventory
from halles.inventory.types import Reservation, StockLevel
from halles.journeys.basket_view import models, view
from halles.journeys.basket_view.view import Around, Body, Context
from halles.journeys.checkout.api import Facts
from halles.journeys.flash_sale.api import open_fences
from halles.journeys.ring_fence.api import open_channels
from halles.kernel import lanes
from halles.kernel.arrays import Bigints
from halles.kernel.batching import Batcher
from halles.kernel.clock import Clock
from halles.kernel.db import Database
from halles.kernel.errors import DatabaseUnavailable
from halles.kernel.ids import SellerId
from halles.kernel.language import Language
from halles.orders import api as orders
from halles.orders.types import BasketLine
from halles.places.types import WEB
from halles.pricing import api as pricing
from halles.wallet import api as wallet
from halles.wallet.types import Account, AccountKind

Wanted = Mapping[int, Sequence[int]]
"""Variants by seller."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What an owner has: lines in a basket, accounts in the wallet. `beside`: what was read with them, of the variants that
    were thought to be there."""

    lines: list[BasketLine]
    accounts: list[Account]
    beside: _Beside | None = None


@dataclass(frozen=True, slots=True)
class _Beside:
    """What an owner has set aside, versions of prices, and levels by seller: read at one moment."""

    aside: list[Reservation]
    versions: list[tuple[int, int]]
    levels: Mapping[int, list[StockLevel]]
    asked: Wanted

    def covers(self, variants: Wanted) -> bool:
        """Whether the levels of all these were asked for."""
        return all(
            seller in self.asked and set(of).issubset(self.asked[seller]) for seller, of in variants.items()
        )

    def own(self, seller: int, variants: Sequence[int]) -> list[StockLevel]:
        """A seller's levels of these variants."""
        return [level for level in self.levels[seller] if level.variant_id in variants]


def _beside(owners: Sequence[int], variants: Wanted) -> list[lanes.Asked]:
    """What reads a _Beside of these sellers' variants for each owner: two statements, and one a seller."""
    return [
        (pricing.VERSIONS, {"sellers": Bigints(variants)}),
        (inventory.STANDING, {"owners": Bigints(owners)}),
        *((inventory.LEVELS, {"seller_id": s, "variants": Bigints(of)}) for s, of in variants.items()),
    ]


def _found_beside(rows: Sequence[list[Any]], owners: Sequence[int], variants: Wanted) -> dict[int, _Beside]:
    """By owner, from what `_beside` asked for."""
    versions, aside, *levels = rows
    of_seller = dict(zip(variants, levels, strict=True))
    found = {owner: _Beside([], versions, of_seller, variants) for owner in owners}
    for one in aside:
        found[one.owner_id].aside.append(one)
    return found


def _held(rows: Sequence[list[Any]], owners: Sequence[int], variants: Wanted) -> dict[int, _Held]:
    """By owner, from rows of BASKETS, of ACCOUNTS, and of what `_beside` asked for."""
    lines, accounts, *rest = rows
    held = {owner: _Held([], [], beside) for owner, beside in _found_beside(rest, owners, variants).items()}
    for line in lines:
        held[line.owner_id].lines.append(line)
    for account in accounts:
        held[account.owner_id].accounts.append(account)
    return held


def _variants(lines: Sequence[BasketLine]) -> dict[int, list[int]]:
    """By seller."""
    found: dict[int, list[int]] = {}
    for line in lines:
        found.setdefault(line.seller_id, []).append(line.variant_id)
    return found


class _Quotes:
    """Promises of the second: many baskets ask for the same one."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._found: dict[tuple[int, str, str, tuple[int, ...]], Body | None] = {}
        self._of: dict[int, object] = {}
        self._at: datetime | None = None

    def of(
        self, seller_id: int, country: str, now: datetime
    ) -> Callable[[str, tuple[int, ...]], Body | None]:
        """For a seller's goods to a country now: the promise for a usual lane and the locations that hold enough."""
        ways, second = self._facts.ways(seller_id), now.replace(microsecond=0)
        assert ways is not None, "they were looked at for these lines"
        if self._at != second or self._of.setdefault(seller_id, ways) is not ways:
            self._found, self._of, self._at = {}, {seller_id: ways}, second

        def quote(lane: str, holding: tuple[int, ...]) -> Body | None:
            key = (seller_id, country, lane, holding)
            if key not in self._found:
                self._found[key] = view.promise_of(ways, seller_id, country, lane, holding, now)
            return self._found[key]

        return quote


_MOST_KEPT = 100_000


class Baskets:
    """One a process. Changes that come at the same moment are one transaction, and so are looks."""

    def __init__(self, db: Database, facts: Facts, clock: Clock) -> None:
        self._db, self._facts, self._clock = db, facts, clock
        self._quotes = _Quotes(facts)
        self._last: dict[int, dict[int, list[int]]] = {}
        self._puts: Batcher[orders.LineToPut, _Held] = Batcher(self._put, limit=100)
        self._looks: Batcher[int, _Held] = Batcher(self._look, limit=100)

    async def context(self, touchpoint: str | None, *, country: str | None, currency: str | None) -> Context:
        """Where a basket is looked at from. Raises UnknownTouchpoint on a system that has none."""
        code = touchpoint or ""
        await self._facts.look((), (code,), self._clock())
        return view.context_of(self._facts.touchpoint(code), country=country, currency=currency)

    async def page(self, context: Context, owner_id: int, language: Language) -> Body:
        """The whole basket, a BasketModel. Five statements for one seller, one more for each other and for their names; those
        that find what is kept no more come on top. One round trip when it holds what it held when it was last shown here, else
        two. Who looks at the same moment shares them."""
        return await self._page(context, owner_id, await self._looks.ask(owner_id), language)

    async def put(
        self, context: Context, owner_id: int, variant_id: int, body: models.PutLine, language: Language
    ) -> Body:
        """Put an article in at its price of today, change its number, or take it out; then the page. Raises UnknownVariant,
        BadBasketLine."""
        seller_id = SellerId(body.seller_id or context.seller_id)
        line = orders.LineToPut(
            owner_id=owner_id,
            seller_id=seller_id,
            variant_id=variant_id,
            quantity=body.quantity,
            added_price_minor=await self._price(context, seller_id, variant_id) if body.quantity else None,
            currency=context.currency,
            match_id=body.match_id,
            touchpoint_id=context.touchpoint_id,
            place_id=context.place_id,
        )
        return await self._page(context, owner_id, await self._puts.ask(line), language)

    async def close(self) -> None:
        """Refuse new changes and answer those accepted."""
        await self._puts.close()
        await self._looks.close()

    async def _price(self, context: Context, seller_id: SellerId, variant_id: int) -> int | None:
        """Minor units, None where it is not sold in this currency. Raises UnknownVariant."""
        now = self._clock()
        await self._facts.look({(seller_id, variant_id)}, (), now)
        if self._facts.info(seller_id, variant_id) is None:
            raise UnknownVariant("No article has this id.", variant_id=variant_id)
        key = (seller_id, variant_id, context.currency, context.country)
        found = await self._facts.prices(await self._facts.versions({seller_id}), {key}, now)
        return found[key][0] if key in found else None

    async def _put(self, lines: list[orders.LineToPut]) -> list[_Held | BaseException]:
        """A line each, in arrival order: one transaction for the first of each owner, another for the second, and so on."""
        answers: list[_Held | BaseException] = [_LATER] * len(lines)
        while waiting := [number for number, answer in enumerate(answers) if answer is _LATER]:
            first: dict[int, int] = {}
            for number in waiting:
                first.setdefault(lines[number].owner_id, number)
            numbers = list(first.values())
            for number, answer in zip(numbers, await self._put_set([lines[n] for n in numbers]), strict=True):
                answers[number] = answer
        return answers

    async def _put_set(self, lines: Sequence[orders.LineToPut]) -> Sequence[_Held | BaseException]:
        """Lines of different owners; when they fail together, one by one, so that only the bad one fails."""
        try:
            return await self._write(lines)
        except (psycopg.Error, DatabaseUnavailable) as error:
            if len(lines) == 1 or isinstance(error, DatabaseUnavailable):
                return [error] * len(lines)
        return [answer for line in lines for answer in await self._put_set([line])]

    async def _write(self, lines: Sequence[orders.LineToPut]) -> list[_Held | BaseException]:
        gone, put = [line for line in lines if not line.quantity], [line for line in lines if line.quantity]
        owners = {"owners": Bigints([line.owner_id for line in lines])}
        asked: list[lanes.Asked] = []
        if put:
            asked.append((orders.PUT_LINES, orders.put_params(put, self._clock())))
        if gone:
            asked.append((orders.EMPTY_BASKETS, orders.remove_params(gone)))
        asked += [(orders.BASKETS, owners), (wallet.ACCOUNTS, owners)]
        ids = [line.owner_id for line in lines]
        guess = self._guess(ids, lines)
        found = await lanes.writes(self._db).ask(*asked, *_beside(ids, guess))
        written = {*(found[0] if put else ()), *(line.owner_id for line in gone)}
        held = _held(found[len(asked) - 2 :], ids, guess)
        return [held[line.owner_id] if line.owner_id in written else orders.full() for line in lines]

    async def _look(self, looking: Sequence[int]) -> list[_Held]:
        """What these owners have, at one moment."""
        ids = list(dict.fromkeys(looking))
        owners, guess = {"owners": Bigints(ids)}, self._guess(ids)
        found = await lanes.reads(self._db).ask(
            (orders.BASKETS, owners), (wallet.ACCOUNTS, owners), *_beside(ids, guess)
        )
        held = _held(found, ids, guess)
        return [held[owner] for owner in looking]

    def _guess(self, owners: Iterable[int], put: Iterable[orders.LineToPut] = ()) -> Wanted:
        """What these baskets will hold, as far as is known: read with them, it spares a round trip."""
        found: dict[int, set[int]] = {}
        for owner in owners:
            for seller, variants in self._last.get(owner, {}).items():
                found.setdefault(seller, set()).update(variants)
        for line in put:
            found.setdefault(line.seller_id, set()).add(line.variant_id)
        return {seller: sorted(variants) for seller, variants in found.items()}

    async def _page(self, context: Context, owner_id: int, held: _Held, language: Language) -> Body:
        lines, now, variants = held.lines, self._clock(), _variants(held.lines)
        beside = held.beside
        if beside is None or not beside.covers(variants):
            rows = await lanes.reads(self._db).ask(*_beside([owner_id], variants))
            beside = _found_beside(rows, [owner_id], variants)[owner_id]
        if len(self._last) > _MOST_KEPT:
            self._last.clear()
        self._last[owner_id] = variants
        sellers = sorted(variants, key=lambda one: (one != context.seller_id, one))
        found = await self._around(context, lines, now, self._facts.note_versions(sellers, beside.versions))
        around = [
            await self._of_seller(owner_id, seller, variants[seller], beside, found, context, now)
            for seller in sellers
        ]
        main = next(
            (a for a in held.accounts if a.kind == AccountKind.MAIN and a.currency == context.currency), None
        )
        names = {}
        if len(sellers) > 1:
            names = await identity.load_names(lanes.reads(self._db).tx, sellers)
        return view.basket_page(context, lines, around, main, beside.aside, names, language)

    async def _around(
        self, context: Context, lines: Sequence[BasketLine], now: datetime, versions: Mapping[int, int]
    ) -> dict[tuple[int, int, str, str], tuple[int, int]]:
        """Prices as of these versions; articles and ways in memory."""
        await self._facts.look({(line.seller_id, line.variant_id) for line in lines}, (), now)
        wanted = {(line.seller_id, line.variant_id, context.currency, context.country) for line in lines}
        return await self._facts.prices(versions, wanted, now)

    async def _of_seller(
        self,
        owner_id: int,
        seller: int,
        variants: Sequence[int],
        beside: _Beside,
        prices: Mapping[tuple[int, int, str, str], tuple[int, int]],
        context: Context,
        now: datetime,
    ) -> Around:
        seller_id = SellerId(seller)
        own = beside.own(seller, variants)
        if any(level.ring_fenced for level in own):
            own = await open_fences(lanes.reads(self._db).tx, seller_id, variants, own, now)
            own = await self._open_channels(owner_id, seller_id, own, context, now)
        key = (context.currency, context.country)
        return Around(
            seller_id=seller_id,
            variants={v: info for v in variants if (info := self._facts.info(seller, v)) is not None},
            prices={v: price for v in variants if (price := prices.get((seller, v, *key))) is not None},
            levels=view.own_levels(own, beside.aside, seller),
            promise=self._quotes.of(seller, context.country, now),
        )

    async def _open_channels(
        self, owner_id: int, seller_id: SellerId, levels: list[StockLevel], context: Context, now: datetime
    ) -> list[StockLevel]:
        """With what is kept for the channels of this shopper; no statement where nothing is. A seller's own touchpoints count."""
        own = context.seller_id == seller_id
        return await open_channels(
            lanes.reads(self._db).tx,
            seller_id,
            levels,
            now,
            kind=context.kind if own else WEB,
            touchpoint_id=context.touchpoint_id if own else None,
            owner_id=owner_id,
        )


_LATER = AssertionError("not answered yet")
