"""What can be set aside, on plain values."""

from __future__ import annotations

from datetime import timedelta

import pytest

from halles.inventory.rules import MOST_AN_HOUR, ReservationLimits, check_reservation
from halles.inventory.types import InsufficientStock, TooMuchReserved
from halles.journeys.reservation.rules import Wanted, plan

LANES = {(1, 7): "hub", (1, 8): "abroad"}
LIMITS = ReservationLimits(lasts=timedelta(minutes=10), pieces_per_person=5, pieces_per_network=8)


def line(variant_id: int, quantity: int, *, open: bool = True) -> Wanted:  # noqa: A002  as the field is called
    return Wanted(seller_id=1, variant_id=variant_id, quantity=quantity, lane="hub", open=open)


def test_a_line_is_set_aside_where_an_order_would_take_it() -> None:
    stock = {(1, 3): [(7, 2), (8, 9)]}
    assert plan([line(3, 2)], stock, LANES, partial=False) == {1: [(7, 3, 2)]}
    assert plan([line(3, 3)], stock, LANES, partial=False) == {1: [(8, 3, 3)]}


def test_all_or_nothing_or_what_there_is() -> None:
    stock = {(1, 3): [(7, 2)], (1, 4): [(7, 5)]}
    with pytest.raises(InsufficientStock) as refused:
        plan([line(4, 1), line(3, 3)], stock, LANES, partial=False)
    assert refused.value.fields == {"variant_id": 3, "sellable": 2}
    assert plan([line(4, 1), line(3, 3)], stock, LANES, partial=True) == {1: [(7, 4, 1), (7, 3, 2)]}


def test_what_is_not_open_is_not_set_aside() -> None:
    stock = {(1, 3): [(7, 2)], (1, 4): [(7, 5)]}
    assert plan([line(3, 1, open=False), line(4, 1)], stock, LANES, partial=True) == {1: [(7, 4, 1)]}
    for partial in (True, False):
        with pytest.raises(InsufficientStock):
            plan([line(3, 1, open=False)], stock, LANES, partial=partial)
    with pytest.raises(InsufficientStock):
        plan([line(3, 1)], {(1, 3): [(7, -4)]}, LANES, partial=True)


@pytest.mark.parametrize(
    ("recent", "pieces", "network", "per"),
    [
        (0, 5, 3, None),
        (MOST_AN_HOUR - 1, 1, 0, None),
        (MOST_AN_HOUR, 1, 0, "hour"),
        (0, 6, 0, "person"),
        (0, 5, 4, "network"),
    ],
)
def test_nobody_empties_a_shop(recent: int, pieces: int, network: int, per: str | None) -> None:
    if per is None:
        check_reservation(LIMITS, recent=recent, pieces=pieces, network=network)
        return
    with pytest.raises(TooMuchReserved) as refused:
        check_reservation(LIMITS, recent=recent, pieces=pieces, network=network)
    assert refused.value.fields["per"] == per
    assert refused.value.retry_after_s
