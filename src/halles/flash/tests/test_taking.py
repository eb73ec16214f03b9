"""What a sale sells: never more than its quantity, never more to one customer than the limit, and once to whoever asks twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.flash import rules
from halles.flash.rules import Takings
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
from halles.kernel.errors import Refusal

START = datetime(2026, 11, 11, 10, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
NOW = START + timedelta(minutes=1)
SALE = UUID(int=7)


def sale(
    *, quantity: int = 10, per_customer: int = 2, admission: bool = False, variant: int = 1
) -> RunningSale:
    return RunningSale(
        seller_id=5,
        sale_id=SALE,
        variant_id=variant,
        starts_at=START,
        ends_at=END,
        quantity=quantity,
        per_customer=per_customer,
        admission=admission,
        location_id=3,
        fenced=4,
    )


def batch(*sales: RunningSale, taken: int = 0, owners: dict[int, int] | None = None) -> Takings:
    return Takings(
        sales={(5, one.variant_id): one for one in sales},
        counters={(5, SALE): Counter(quantity=sales[0].quantity, taken=taken)},
        owners={(5, SALE, owner): many for owner, many in (owners or {}).items()},
    )


def admission(owner: int, *, until: datetime = NOW, of: UUID = SALE) -> Admission:
    return Admission(sale_id=of, owner_id=owner, until_s=int(until.timestamp()))


def test_an_article_that_is_in_no_sale_is_nobodys_business() -> None:
    takings = batch(sale())
    takings.check(5, 1, [(99, 50)], None, NOW)
    takings.take(5, 1, [(99, 50)], NOW)
    assert not takings.by_sale()


def test_before_the_start_and_after_the_end_the_article_is_ordinary() -> None:
    takings = batch(sale(quantity=1, per_customer=1))
    for moment in (START - timedelta(seconds=1), END):
        takings.check(5, 1, [(1, 9)], None, moment)


def test_who_brings_an_admission_is_told_that_the_sale_is_not_on() -> None:
    with pytest.raises(NotStarted):
        batch(sale()).check(5, 1, [(1, 1)], admission(1), START - timedelta(seconds=1))
    with pytest.raises(Over):
        batch(sale()).check(5, 1, [(1, 1)], admission(1), END)


def test_the_limit_counts_what_the_customer_took_before_and_in_this_batch() -> None:
    takings = batch(sale(per_customer=3), owners={1: 1})
    takings.check(5, 1, [(1, 2)], None, NOW)
    takings.take(5, 1, [(1, 2)], NOW)
    with pytest.raises(LimitReached) as refused:
        takings.check(5, 1, [(1, 1)], None, NOW)
    assert refused.value.fields["left"] == 0
    takings.check(5, 2, [(1, 3)], None, NOW)


def test_two_lines_of_one_sale_count_together() -> None:
    takings = batch(sale(per_customer=2), sale(per_customer=2, variant=2))
    with pytest.raises(LimitReached):
        takings.check(5, 1, [(1, 1), (2, 2)], None, NOW)


def test_a_big_order_that_does_not_fit_leaves_room_for_a_small_one() -> None:
    takings = batch(sale(quantity=10, per_customer=10), taken=8)
    with pytest.raises(SoldOut) as refused:
        takings.check(5, 1, [(1, 3)], None, NOW)
    assert refused.value.fields["left"] == 2
    takings.check(5, 2, [(1, 2)], None, NOW)


def test_after_a_stop_nothing_of_before_it_is_sold_and_the_article_is_ordinary() -> None:
    stopped = NOW + timedelta(seconds=1)
    takings = Takings(
        sales={(5, 1): sale(quantity=1)},
        counters={(5, SALE): Counter(quantity=1, taken=0, stopped_at=stopped)},
        owners={},
    )
    with pytest.raises(Over):
        takings.check(5, 1, [(1, 1)], None, NOW)
    takings.check(5, 1, [(1, 50)], None, stopped)
    takings.take(5, 1, [(1, 50)], stopped)
    assert not takings.by_sale()


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        admission(2),
        admission(1, until=NOW - timedelta(seconds=11)),
        admission(1, of=UUID(int=8)),
    ],
)
def test_a_waiting_room_wants_a_valid_admission(wrong: Admission | None) -> None:
    takings = batch(sale(admission=True))
    with pytest.raises(NotAdmitted):
        takings.check(5, 1, [(1, 1)], wrong, NOW)
    takings.check(5, 1, [(1, 1)], admission(1), NOW)
    takings.check(5, 1, [(1, 1)], admission(1, until=NOW - timedelta(seconds=9)), NOW)


def test_fenced_pieces_are_there_for_the_sale_alone() -> None:
    takings = batch(sale())
    assert takings.fenced(5, 1, 3, NOW) == 4
    assert takings.fenced(5, 1, 2, NOW) == 0
    assert takings.fenced(5, 2, 3, NOW) == 0
    assert takings.fenced(5, 1, 3, END) == 0


orders = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 2), st.integers(1, 4)), max_size=25
)  # owner, variant, quantity


@given(orders, st.integers(1, 12), st.integers(1, 5), st.integers(0, 12), st.integers(1, 9))
def test_any_batches_sell_what_a_plain_loop_would(
    wanted: list[tuple[int, int, int]], quantity: int, limit: int, before: int, size: int
) -> None:
    """Against brute force: one order after the other, counted in plain numbers; and batches of any size agree."""
    taken, owners = min(before, quantity), dict[int, int]()
    plain_taken, plain_owners, plain = taken, dict[int, int](), list[bool]()
    for owner, _, many in wanted:
        fits = plain_owners.get(owner, 0) + many <= limit and plain_taken + many <= quantity
        plain.append(fits)
        if fits:
            plain_taken += many
            plain_owners[owner] = plain_owners.get(owner, 0) + many
    decided: list[bool] = []
    for start in range(0, len(wanted), size):
        both = [sale(quantity=quantity, per_customer=limit, variant=v) for v in (1, 2)]
        takings = batch(*both, taken=taken, owners=owners)
        for owner, variant, many in wanted[start : start + size]:
            try:
                takings.check(5, owner, [(variant, many)], None, NOW)
            except Refusal:
                decided.append(False)
                continue
            takings.take(5, owner, [(variant, many)], NOW)
            decided.append(True)
        taken += sum(row[2] for row in takings.by_sale())
        for row in takings.by_owner():
            owners[row[2]] = owners.get(row[2], 0) + row[3]
    assert decided == plain
    assert taken == plain_taken <= quantity
    assert owners == plain_owners
    assert all(many <= limit for many in owners.values())


def test_the_counts_of_a_batch_are_told_in_lock_order() -> None:
    takings = batch(sale(), sale(variant=2))
    takings.take(5, 9, [(1, 1), (2, 1)], NOW)
    takings.take(5, 2, [(2, 1)], NOW)
    assert takings.by_sale() == [(5, SALE, 3, 2)]
    assert takings.by_owner() == [(5, SALE, 2, 1), (5, SALE, 9, 2)]


def test_an_admission_is_read_only_from_what_we_signed() -> None:
    key, other = bytes(32), bytes(31) + b"1"
    given_ = admission(12)
    token = rules.sign_admission(key, given_)
    assert len(token) <= 300
    assert rules.read_admission(key, token) == given_
    assert rules.read_admission(other, token) is None
    assert rules.read_admission(key, None) is None
    assert rules.read_admission(key, token + "A") is None


@given(st.integers(0, 59), st.sampled_from("ABCxyz019-_"))
def test_an_admission_with_any_letter_changed_is_none(at: int, letter: str) -> None:
    token = rules.sign_admission(bytes(32), admission(12))
    forged = token[:at] + letter + token[at + 1 :]
    assert (rules.read_admission(bytes(32), forged) is None) == (forged != token)


@given(st.text(max_size=80))
def test_no_text_is_an_admission_by_chance(text: str) -> None:
    assert rules.read_admission(bytes(32), text) is None


def test_a_ticket_cannot_be_passed_off_as_an_admission_nor_as_anothers() -> None:
    from halles.flash.types import Ticket

    key = bytes(32)
    ticket = Ticket(sale_id=SALE, person="p:12", number=3, joined_s=100, claimed_s=None)
    text = rules.sign_ticket(key, ticket)
    assert rules.read_ticket(key, text, SALE, ("v:x", "p:12")) == ticket
    assert rules.read_ticket(key, text, SALE, ("p:13",)) is None
    assert rules.read_ticket(key, text, UUID(int=8), ("p:12",)) is None
    assert rules.read_admission(key, text) is None


def test_a_challenge_is_solved_by_work_by_its_person_in_time() -> None:
    key = bytes(32)
    challenge = rules.make_challenge(key, SALE, "p:1", 8, 1000)
    nonce = next(str(n) for n in range(100_000) if rules.zero_bits(f"{challenge}:{n}") >= 8)
    lazy = next(str(n) for n in range(100_000) if rules.zero_bits(f"{challenge}:{n}") < 8)
    assert rules.solved(key, SALE, "p:1", challenge, nonce, 999.0) == 8
    assert rules.solved(key, SALE, "p:1", challenge, lazy, 999.0) is None
    assert rules.solved(key, SALE, "p:2", challenge, nonce, 999.0) is None
    assert rules.solved(key, SALE, "p:1", challenge, nonce, 1001.0) is None
    assert rules.solved(bytes(31) + b"1", SALE, "p:1", challenge, nonce, 999.0) is None
