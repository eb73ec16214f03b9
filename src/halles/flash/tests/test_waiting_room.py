"""The line is fair: the draw favours nobody, after it nobody overtakes, people are let in at the rate and never for nothing."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.flash import rules
from halles.flash.types import BadSale, Phase, Room, Sale, SaleDraft, SaleItem

START = datetime(2026, 11, 11, 10, 0, tzinfo=UTC)
SALE = Sale(
    seller_id=5,
    sale_id=UUID(int=7),
    title={"en": "Coats"},
    currency="EUR",
    starts_at=START,
    ends_at=START + timedelta(hours=1),
    quantity=100,
    per_customer=1,
    waiting_room=True,
    prequeue_s=600,
    admit_per_s=10.0,
    hold_s=120,
    seed=bytes(32),
    stopped_at=None,
    settled_at=None,
    version=1,
    created_at=START,
)
ROOM = Room(
    next_number=1001,
    drawn=None,
    admitted_to=0,
    credit=0.0,
    measured_per_s=0.0,
    stepped_at=START,
)


def seed(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(4, "big")).digest()


@given(st.binary(min_size=32, max_size=32), st.integers(0, 300))
def test_the_draw_gives_every_place_once(secret: bytes, tickets: int) -> None:
    places = rules.draw(secret, SALE.sale_id, tickets)
    assert sorted(places) == list(range(1, tickets + 1))


def test_the_draw_favours_no_ticket() -> None:
    """Ten tickets, 6,000 draws with fixed seeds: each ticket in each place, chi-squared of 81 degrees below its 1 in 10,000."""
    draws, tickets = 6000, 10
    seen = [[0] * tickets for _ in range(tickets)]
    for number in range(draws):
        for ticket, place in enumerate(rules.draw(seed(number), SALE.sale_id, tickets)):
            seen[ticket][place - 1] += 1
    expected = draws / tickets
    chi = sum((count - expected) ** 2 / expected for row in seen for count in row)
    assert chi < 134.0


def test_who_comes_early_to_the_waiting_room_is_no_better_off() -> None:
    """The mean place of the first tenth of the tickets is the mean place of all, within four standard errors."""
    tickets, draws = 1000, 40
    means = [sum(rules.draw(seed(n), SALE.sale_id, tickets)[:100]) / 100 for n in range(draws)]
    spread = ((tickets**2 - 1) / 12 / 100 * 0.9) ** 0.5 / draws**0.5
    assert abs(sum(means) / draws - (tickets + 1) / 2) < 4 * spread


def test_anybody_can_check_the_draw() -> None:
    """As docs/algorithms/waiting-room.md tells it, with nothing but SHA-256."""
    secret, tickets = seed(1), 50
    assert rules.commitment(secret) == hashlib.sha256(secret).hexdigest()
    lots = sorted(
        range(1, tickets + 1),
        key=lambda n: hashlib.sha256(
            secret + SALE.sale_id.bytes + tickets.to_bytes(8, "big") + n.to_bytes(8, "big")
        ).digest(),
    )
    places = rules.draw(secret, SALE.sale_id, tickets)
    assert [rules.place_of(n, places) for n in lots] == list(range(1, tickets + 1))


@given(st.integers(0, 40), st.integers(0, 40))
def test_after_the_draw_nobody_overtakes(drawn: int, late: int) -> None:
    """Places are all different, late-comers stand in order of arrival behind everybody who was drawn, and no place changes."""
    places = rules.draw(seed(drawn), SALE.sale_id, drawn)
    line = [rules.place_of(number, places) for number in range(1, drawn + late + 1)]
    assert sorted(place for place in line if place) == list(range(1, drawn + late + 1))
    assert line[drawn:] == list(range(drawn + 1, drawn + late + 1))
    assert rules.place_of(1, None) is None


steps = st.lists(
    st.tuples(st.floats(0.0, 5.0), st.integers(0, 60), st.integers(0, 30), st.integers(0, 60), st.booleans()),
    max_size=30,
)  # seconds later, pieces left, open slots, people who join, busy


@given(steps, st.floats(0.05, 50.0))
def test_people_are_let_in_in_order_at_the_rate_and_only_for_pieces_that_are_free(
    moves: list[tuple[float, int, int, int, bool]], rate: float
) -> None:
    room, now, let_in = replace(ROOM, next_number=1), START, 0
    for seconds, left, slots, join, busy in moves:
        now += timedelta(seconds=seconds)
        room = replace(room, next_number=room.next_number + join)
        after = rules.step(
            room, now=now, rate_per_s=rate, left=left, open_slots=slots, unclaimed=0, busy=busy
        )
        admitted = after.admitted_to - room.admitted_to
        assert admitted >= 0
        assert after.admitted_to < after.next_number
        assert admitted <= max(0, left - slots)
        assert not (admitted and busy)
        let_in += admitted
        room = after
    assert let_in <= rate * (now - START).total_seconds() + max(1.0, 2 * rate)


def test_a_line_moves_at_its_rate() -> None:
    room = ROOM
    for second in range(1, 31):
        room = rules.step(
            room,
            now=START + timedelta(seconds=second),
            rate_per_s=7.5,
            left=10_000,
            open_slots=0,
            unclaimed=0,
            busy=False,
        )
    assert room.admitted_to == 225
    assert room.measured_per_s == pytest.approx(7.5, rel=0.05)
    assert rules.eta_s(room, 74) == pytest.approx(10.0, rel=0.05)
    assert rules.passed_within(room, START + timedelta(seconds=30), 20) == 150
    assert len(room.marks) <= 2 * 22


def test_nobody_is_let_in_for_nothing_and_the_line_goes_on_when_pieces_come_back() -> None:
    def go(room: Room, second: int, **facts: int) -> Room:
        given_ = {"left": 5, "open_slots": 0, "unclaimed": 0, **facts}
        return rules.step(room, now=START + timedelta(seconds=second), rate_per_s=10.0, busy=False, **given_)

    room = go(ROOM, 1)
    assert room.admitted_to == 5
    room = go(room, 2, unclaimed=5)
    assert (room.admitted_to, room.paused) == (5, "full")
    room = go(room, 3, left=0)
    assert (room.admitted_to, room.paused) == (5, "sold_out")
    room = go(room, 4, left=2)
    assert (room.admitted_to, room.paused) == (7, None)


def test_a_line_that_stands_still_promises_nothing() -> None:
    room = ROOM
    for second in range(1, 400):
        room = rules.step(
            room,
            now=START + timedelta(seconds=second),
            rate_per_s=1.0,
            left=5,
            open_slots=5,
            unclaimed=0,
            busy=False,
        )
    assert rules.eta_s(room, 3) is None


def stands(place: int | None, *, claimed: int | None = None, phase: Phase = Phase.RUNNING) -> str:
    room = replace(ROOM, admitted_to=10, measured_per_s=2.0)
    return rules.stand(
        place=place,
        claimed_s=claimed,
        sale=SALE,
        phase=phase,
        room=room,
        now=START + timedelta(seconds=300),
    ).state


def test_where_a_ticket_stands() -> None:
    start_s = int(START.timestamp())
    assert stands(None, phase=Phase.WAITING) == "waiting"
    assert stands(11) == "waiting"
    assert stands(10) == "your_turn"
    assert stands(10, claimed=start_s + 200) == "admitted"
    assert stands(10, claimed=start_s + 100) == "lost"
    assert stands(10, phase=Phase.SOLD_OUT) == "sold_out"
    assert stands(10, claimed=start_s + 200, phase=Phase.SOLD_OUT) == "admitted"
    assert stands(10, claimed=start_s + 200, phase=Phase.ENDED) == "over"


def test_the_next_in_line_has_nobody_before_them() -> None:
    room = replace(ROOM, admitted_to=10, measured_per_s=2.0)
    found = rules.stand(place=13, claimed_s=None, sale=SALE, phase=Phase.RUNNING, room=room, now=START)
    assert (found.ahead, found.eta_s) == (2, 1.5)


def test_a_sale_goes_through_its_phases() -> None:
    def phase(seconds: float, left: int = 1) -> Phase:
        return rules.phase_of(SALE, left=left, now=START + timedelta(seconds=seconds))

    assert phase(-601) is Phase.BEFORE
    assert phase(-600) is Phase.WAITING
    assert phase(0) is Phase.RUNNING
    assert phase(1, left=0) is Phase.SOLD_OUT
    assert phase(3600) is Phase.ENDED
    stopped = replace(SALE, stopped_at=START + timedelta(seconds=5))
    assert rules.phase_of(stopped, left=1, now=START + timedelta(seconds=5)) is Phase.ENDED


def test_work_grows_with_a_networks_haste_and_stays_bearable() -> None:
    assert rules.bits_wanted(0, guest=False) == 13
    assert rules.bits_wanted(20, guest=True) == 16
    assert rules.bits_wanted(80, guest=False) == 15
    assert rules.bits_wanted(1e9, guest=True) == 21
    assert rules.joins_after(100, 60) == pytest.approx(36.8, abs=0.1)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("starts_at", {"starts_at": START - timedelta(seconds=1)}),
        ("ends_at", {"ends_at": START}),
        ("ends_at", {"ends_at": START + timedelta(days=40)}),
        ("quantity", {"quantity": 0}),
        ("per_customer", {"per_customer": 101}),
        ("items", {"items": ()}),
        ("items", {"items": (SaleItem(variant_id=1), SaleItem(variant_id=1))}),
        ("title", {"title": {"en": " "}}),
        ("fenced", {"items": (SaleItem(variant_id=1, fenced=3),)}),
        ("fenced", {"items": (SaleItem(variant_id=1, location_id=2, fenced=300),)}),
        ("admit_per_s", {"admit_per_s": 0.0}),
        ("hold_s", {"hold_s": 5}),
    ],
)
def test_a_sale_that_cannot_be_is_refused_with_its_field(field: str, changes: dict[str, object]) -> None:
    draft = SaleDraft(
        title={"en": "Coats"},
        currency="EUR",
        starts_at=START + timedelta(minutes=5),
        ends_at=START + timedelta(hours=2),
        quantity=100,
        per_customer=1,
        waiting_room=True,
        prequeue_s=60,
        admit_per_s=5.0,
        hold_s=120,
        items=(SaleItem(variant_id=1),),
    )
    rules.check_draft(draft, START)
    with pytest.raises(BadSale) as refused:
        rules.check_draft(replace(draft, **changes), START)
    assert refused.value.fields["field"] == field
