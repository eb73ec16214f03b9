"""Who may take how much of a sale. Pure; the order path calls it under the sale's locks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from halles.flash.types import (
    Admission,
    Counter,
    LimitReached,
    NotAdmitted,
    NotStarted,
    Over,
    RunningSale,
    SoldOut,
)

GRACE_S = 10
"""Seconds that an order may come after its admission ran out: it waited on the way, its sender did not."""

Key = tuple[int, UUID]
"""(seller, sale)"""


def check(
    sale: RunningSale,
    *,
    now: datetime,
    counter: Counter,
    by_owner: int,
    owner_id: int,
    quantity: int,
    admission: Admission | None,
) -> None:
    """Raise what stands in the way of `quantity` pieces more for `owner_id`, who has `by_owner` already.

    NotStarted, Over, NotAdmitted, LimitReached or SoldOut, in this order; returns when nothing does.
    """
    if now < sale.starts_at:
        raise NotStarted("The sale has not started.", starts_at=sale.starts_at.isoformat())
    if now >= sale.ends_at or counter.stopped_at is not None:
        raise Over("The sale is over.", sale_id=str(sale.sale_id))
    if sale.admission and not admits(admission, sale.sale_id, owner_id, now):
        raise NotAdmitted(
            "It is not your turn in this sale, or your time to buy ran out.", sale_id=str(sale.sale_id)
        )
    if by_owner + quantity > sale.per_customer:
        left = max(0, sale.per_customer - by_owner)
        raise LimitReached(
            f"One customer may take {sale.per_customer}; {left} left for you.",
            sale_id=str(sale.sale_id),
            per_customer=sale.per_customer,
            left=left,
        )
    if counter.taken + quantity > counter.quantity:
        left = max(0, counter.quantity - counter.taken)
        raise SoldOut(f"The sale has {left} left.", sale_id=str(sale.sale_id), left=left)


def admits(admission: Admission | None, sale_id: UUID, owner_id: int, now: datetime) -> bool:
    """Whether an admission opens this sale to this owner now."""
    return (
        admission is not None
        and admission.sale_id == sale_id
        and admission.owner_id == owner_id
        and now.timestamp() <= admission.until_s + GRACE_S
    )


@dataclass(slots=True)
class Takings:
    """The sales of a batch: what they have left as its orders are decided one by one, and what is to be written at the end.

    `sales`: by (seller, variant). `counters` and `owners`: as LOCK_SALES and LOCK_TAKEN read them; an owner without a row took
    nothing yet. Falsy when no article of the batch is in a sale.
    """

    sales: Mapping[tuple[int, int], RunningSale]
    counters: Mapping[Key, Counter]
    owners: Mapping[tuple[int, UUID, int], int]
    _by_sale: dict[Key, tuple[int, int]] = field(default_factory=dict[Key, tuple[int, int]])
    _by_owner: dict[tuple[int, UUID, int], int] = field(default_factory=dict[tuple[int, UUID, int], int])

    def __bool__(self) -> bool:
        return bool(self.sales)

    def untouched(self) -> Takings:
        """The same sales with nothing taken of them yet, to be decided on apart."""
        return Takings(sales=self.sales, counters=self.counters, owners=self.owners)

    def check(
        self,
        seller_id: int,
        owner_id: int,
        lines: Iterable[tuple[int, int]],
        admission: Admission | None,
        now: datetime,
    ) -> None:
        """Raise what stands in the way of an order's (variant, quantity) lines. Lines of one sale count together."""
        for key, (sale, quantity) in self._wanted(seller_id, lines, now, admission).items():
            owner = (*key, owner_id)
            before, counter = self._by_sale.get(key, (0, 0))[0], self.counters[key]
            check(
                sale,
                now=now,
                counter=Counter(
                    quantity=counter.quantity, taken=counter.taken + before, stopped_at=counter.stopped_at
                ),
                by_owner=self.owners.get(owner, 0) + self._by_owner.get(owner, 0),
                owner_id=owner_id,
                quantity=quantity,
                admission=admission,
            )

    def take(self, seller_id: int, owner_id: int, lines: Iterable[tuple[int, int]], now: datetime) -> None:
        """Take what an accepted order takes."""
        for key, (_, quantity) in self._wanted(seller_id, lines, now, None).items():
            pieces, orders = self._by_sale.get(key, (0, 0))
            self._by_sale[key] = (pieces + quantity, orders + 1)
            owner = (*key, owner_id)
            self._by_owner[owner] = self._by_owner.get(owner, 0) + quantity

    def fenced(self, seller_id: int, variant_id: int, location_id: int, now: datetime) -> int:
        """Pieces there that are fenced off for the sale of this article: an order in it may take them as well."""
        sale = self.sales.get((seller_id, variant_id))
        if sale is None or sale.location_id != location_id or not self._applies(sale, now):
            return 0
        return sale.fenced

    def by_sale(self) -> Sequence[tuple[int, UUID, int, int]]:
        """(seller, sale, pieces, orders) to add, in lock order."""
        return [(*key, *taken) for key, taken in sorted(self._by_sale.items())]

    def by_owner(self) -> Sequence[tuple[int, UUID, int, int]]:
        """(seller, sale, owner, pieces) to add, in lock order."""
        return [(*key, pieces) for key, pieces in sorted(self._by_owner.items())]

    def _applies(self, sale: RunningSale, now: datetime) -> bool:
        """Whether an order at `now` is the sale's. After a stop, only orders of before it, which are refused."""
        stopped = self.counters[sale.seller_id, sale.sale_id].stopped_at
        return sale.starts_at <= now < sale.ends_at and (stopped is None or now < stopped)

    def _wanted(
        self, seller_id: int, lines: Iterable[tuple[int, int]], now: datetime, admission: Admission | None
    ) -> dict[Key, tuple[RunningSale, int]]:
        wanted: dict[Key, tuple[RunningSale, int]] = {}
        for variant_id, quantity in lines:
            sale = self.sales.get((seller_id, variant_id))
            if sale is None:
                continue
            meant = admission is not None and admission.sale_id == sale.sale_id
            if meant or self._applies(sale, now):
                key = (seller_id, sale.sale_id)
                wanted[key] = (sale, quantity + wanted.get(key, (sale, 0))[1])
        return wanted
