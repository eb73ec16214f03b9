"""Ring-fences in a batch of orders: what a channel's orders may take beside what everybody may, and what they took. Pure.

Only batches with an article that has a fence come here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from halles.inventory.types import Channel, channels
from halles.journeys.checkout.sourcing import Source
from halles.journeys.checkout.types import Accepted, Command, Fences, FenceUse
from halles.places.types import WEB

_Article = tuple[int, int]
"""(seller, variant)"""


def with_fences(sellable: int, mine: int, kept: int) -> int:
    """Pieces that a channel may take where others may take `sellable`: its fences keep `mine` of the `kept` that all fences keep.

    `sellable` below zero: less is there than is kept; then fences are served first come, first served, from what is there.
    """
    return min(max(0, sellable) + mine, sellable + kept) if mine else sellable


class Opened(msgspec.Struct, gc=False):
    """A location opened for one order: `pieces` more, of these numbered fences, in the order they are taken from."""

    key: _Article
    source: Source
    pieces: int
    fences: Sequence[int]


class FenceBook:
    """The fences of a batch, and what its accepted orders have left of them."""

    __slots__ = ("_fences", "_left", "_now")

    def __init__(self, fences: Fences, now: datetime) -> None:
        self._fences, self._now = fences, now
        self._left = {key: [one.pieces for one in kept] for key, kept in fences.kept.items()}

    def open(self, command: Command, sellable: Mapping[_Article, Sequence[Source]]) -> list[Opened]:
        """Let this order take what is kept for the channels it comes through; then `close` it or `settle` it."""
        opened: list[Opened] = []
        for part in command.parts:
            for line in part.lines:
                key = (part.seller_id, line.variant_id)
                if key in self._fences.kept:
                    opened += self._open(key, self._channels(command, part.seller_id), sellable.get(key, ()))
        return opened

    def close(self, opened: Iterable[Opened]) -> None:
        """The order was refused: what was opened is kept again."""
        for one in opened:
            one.source.sellable -= one.pieces

    def settle(self, opened: Iterable[Opened], accepted: Accepted) -> list[FenceUse]:
        """The order was accepted: what it took is taken of the fences first, and the rest of them is kept again."""
        taken: dict[tuple[int, int, int], tuple[bytes, int]] = {}
        for sub in accepted.subs:
            numbers = sub.numbers
            for n in range(0, len(numbers), 6):
                taken[sub.seller_id, numbers[n], numbers[n + 4]] = (sub.order_id, numbers[n + 1])
        uses: list[FenceUse] = []
        for one in opened:
            order_id, wanted = taken.get((*one.key, one.source.location_id), (b"", 0))
            left, still = self._left[one.key], wanted
            for number in one.fences:
                pieces = min(still, left[number])
                if pieces:
                    left[number] -= pieces
                    still -= pieces
                    fence = self._fences.kept[one.key][number].fence
                    uses.append(
                        FenceUse(*one.key, order_id, fence.fence_id.bytes, one.source.location_id, pieces)
                    )
            one.source.sellable -= one.pieces - (wanted - still)
        return uses

    def _open(
        self, key: _Article, through: frozenset[Channel], sources: Sequence[Source]
    ) -> Iterable[Opened]:
        kept, left = self._fences.kept[key], self._left[key]
        for source in sources:
            here = [n for n, one in enumerate(kept) if one.location_id == source.location_id and left[n]]
            mine = [n for n in here if kept[n].fence.serves(through, self._now)]
            if mine:
                mine_left, all_left = sum(left[n] for n in mine), sum(left[n] for n in here)
                pieces = with_fences(source.sellable, mine_left, all_left) - source.sellable
                source.sellable += pieces
                yield Opened(key, source, pieces, mine)

    def _channels(self, command: Command, seller_id: int) -> frozenset[Channel]:
        """A seller's own touchpoints count; whoever comes through another's comes through the web."""
        touchpoint = self._fences.touchpoints.get(command.order.touchpoint or "")
        groups = self._fences.groups.get((seller_id, command.owner_id), ())
        if touchpoint is None or touchpoint.seller_id != seller_id:
            return channels(WEB, None, groups)
        return channels(touchpoint.kind, touchpoint.touchpoint_id, groups)
