"""The wallet on a real PostgreSQL: two phases, exact refunds, repeats, merging, and books that always add up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, Tx
from halles.kernel.errors import Refusal
from halles.kernel.ids import PLATFORM, PartyId, SellerId, uuid7
from halles.kernel.money import CurrencyMismatch, Money
from halles.wallet import api
from halles.wallet.types import (
    AccountKey,
    AccountKind,
    BadTransfer,
    HoldIsSpent,
    InsufficientFunds,
    Leg,
    NoSuchHold,
    RefundTooLarge,
    TransferKind,
    TransferReused,
)

SHOPPER, OTHER, SELLER = PartyId(1001), PartyId(1002), SellerId(1003)
EUR = "EUR"


@pytest.fixture
async def funded(db: Database, clock: FixedClock) -> Database:
    """SHOPPER has 100.00 EUR."""
    async with db.transaction() as tx:
        await api.top_up(tx, owner_id=SHOPPER, topup_id=uuid7(), amount=Money(10_000, EUR), at=clock())
    return db


async def standing(db: Database, owner: int = SHOPPER) -> dict[str, tuple[int, int]]:
    """(balance, held) by kind."""
    async with db.reading() as tx:
        return {
            account.kind: (account.balance_minor, account.held_minor)
            for account in await api.accounts(tx, [owner])
        }


async def hold_for(tx: Tx, order: UUID, legs: Sequence[Leg], clock: FixedClock) -> None:
    amount = Money(sum(leg.amount_minor for leg in legs), EUR)
    await api.hold(tx, owner_id=SHOPPER, hold_id=order, amount=amount, legs=legs, at=clock())


async def books(db: Database) -> None:
    """Everything adds up."""
    async with db.snapshot() as tx:
        assert await api.differences(tx) == []
        assert {row.currency: row.sum_minor for row in await api.sums(tx)} in ({}, {EUR: 0})


async def test_hold_capture_refund(funded: Database, clock: FixedClock) -> None:
    order = uuid7()
    legs = api.split(1200, 200, 1000, SELLER)
    async with funded.transaction() as tx:
        await api.hold(tx, owner_id=SHOPPER, hold_id=order, amount=Money(1200, EUR), legs=legs, at=clock())
    assert await standing(funded) == {"main": (10_000, 1200)}
    async with funded.transaction() as tx:
        await api.capture(tx, SHOPPER, order, clock())
    assert await standing(funded) == {"main": (8800, 0)}
    assert await standing(funded, SELLER) == {"payable": (880, 0), "tax": (200, 0)}
    assert (await standing(funded, PLATFORM))["fees"] == (120, 0)
    refund_id = uuid7()
    for _ in range(2):
        async with funded.transaction() as tx:
            await api.refund(tx, SHOPPER, order, refund_id=refund_id, at=clock(), amount_minor=500)
    assert await standing(funded) == {"main": (9300, 0)}
    async with funded.transaction() as tx:
        await api.refund(tx, SHOPPER, order, refund_id=uuid7(), at=clock())
    assert await standing(funded) == {"main": (10_000, 0)}
    assert await standing(funded, SELLER) == {"payable": (0, 0), "tax": (0, 0)}
    with pytest.raises(RefundTooLarge):
        async with funded.transaction() as tx:
            await api.refund(tx, SHOPPER, order, refund_id=uuid7(), at=clock(), amount_minor=1)
    await books(funded)


async def test_void_lets_go(funded: Database, clock: FixedClock) -> None:
    order = uuid7()
    async with funded.transaction() as tx:
        await hold_for(tx, order, api.split(1200, 0, 0, SELLER), clock)
        await api.void(tx, SHOPPER, order)
    assert await standing(funded) == {"main": (10_000, 0)}
    with pytest.raises(HoldIsSpent):
        async with funded.transaction() as tx:
            await api.capture(tx, SHOPPER, order, clock())
    with pytest.raises(NoSuchHold):
        async with funded.transaction() as tx:
            await api.void(tx, OTHER, order)
    await books(funded)


async def test_held_money_is_not_spent_twice(funded: Database, clock: FixedClock) -> None:
    async def hold_most() -> None:
        async with funded.transaction() as tx:
            legs = api.split(6000, 0, 0, SELLER)
            await api.hold(
                tx, owner_id=SHOPPER, hold_id=uuid7(), amount=Money(6000, EUR), legs=legs, at=clock()
            )

    found = await asyncio.gather(*(hold_most() for _ in range(4)), return_exceptions=True)
    refused = [error for error in found if isinstance(error, InsufficientFunds)]
    assert len(refused) == 3
    assert refused[0].fields == {"missing_minor": 2000, "available_minor": 4000, "currency": EUR}
    assert await standing(funded) == {"main": (10_000, 6000)}
    await books(funded)


async def test_transfers_are_made_once(funded: Database, clock: FixedClock) -> None:
    transfer_id = uuid7()
    ours, theirs = AccountKey(SHOPPER, AccountKind.MAIN, EUR), AccountKey(OTHER, AccountKind.MAIN, EUR)

    async def move(minor: int, currency: str = EUR, debit: AccountKey = ours) -> bool:
        async with funded.transaction() as tx:
            return await api.transfer(
                tx,
                transfer_id=transfer_id,
                debit=debit,
                credit=theirs,
                amount=Money(minor, currency),
                kind=TransferKind.TOP_UP,
                at=clock(),
            )

    assert [await move(300), await move(300)] == [True, False]
    for wrong, refusal in (
        (move(301), TransferReused),
        (move(0), BadTransfer),
        (move(300, debit=theirs), BadTransfer),
        (move(300, "USD"), CurrencyMismatch),
    ):
        with pytest.raises(refusal):
            await wrong
    assert await standing(funded, OTHER) == {"main": (300, 0)}
    async with funded.reading() as tx:
        account = (await api.accounts(tx, [OTHER]))[0]
        (posting,) = await api.postings(tx, OTHER, account.account_id)
    assert (posting.posting_id, posting.amount_minor) == (transfer_id, 300)
    await books(funded)


async def test_transfers_both_ways_at_once(funded: Database, clock: FixedClock) -> None:
    """Locks are taken in one order, so crossing transfers never deadlock."""
    async with funded.transaction() as tx:
        await api.top_up(tx, owner_id=OTHER, topup_id=uuid7(), amount=Money(10_000, EUR), at=clock())
    ours, theirs = AccountKey(SHOPPER, AccountKind.MAIN, EUR), AccountKey(OTHER, AccountKind.MAIN, EUR)

    async def move(debit: AccountKey, credit: AccountKey) -> None:
        async with funded.transaction() as tx:
            await api.transfer(
                tx,
                transfer_id=uuid7(),
                debit=debit,
                credit=credit,
                amount=Money(10, EUR),
                kind=TransferKind.TOP_UP,
                at=clock(),
            )

    await asyncio.gather(*(move(*pair) for pair in [(ours, theirs), (theirs, ours)] * 10))
    assert await standing(funded) == {"main": (10_000, 0)}
    await books(funded)


async def test_postings_page_by_page(funded: Database, clock: FixedClock) -> None:
    for minor in range(1, 6):
        async with funded.transaction() as tx:
            await api.top_up(tx, owner_id=SHOPPER, topup_id=uuid7(), amount=Money(minor, EUR), at=clock())
    async with funded.reading() as tx:
        account = (await api.accounts(tx, [SHOPPER]))[0].account_id
        whole = await api.postings(tx, SHOPPER, account)
        first = await api.postings(tx, SHOPPER, account, limit=2)
        rest = await api.postings(tx, SHOPPER, account, before=(first[-1].at, first[-1].posting_id))
    assert first + rest == whole
    assert sum(posting.amount_minor for posting in whole) == 10_000 + 15


async def test_merging_moves_money_and_holds_once(funded: Database, clock: FixedClock) -> None:
    order, merge_id = uuid7(), uuid7()
    async with funded.transaction() as tx:
        await hold_for(tx, order, api.split(1200, 200, 0, SELLER), clock)
    for expected in (1, 0):
        async with funded.transaction() as tx:
            assert await api.merge(tx, SHOPPER, OTHER, merge_id=merge_id, at=clock()) == expected
    assert await standing(funded) == {"main": (0, 0)}
    assert await standing(funded, OTHER) == {"main": (10_000, 1200)}
    async with funded.transaction() as tx:
        await api.capture(tx, OTHER, order, clock())
    assert await standing(funded, OTHER) == {"main": (8800, 0)}
    await books(funded)


async def test_a_seller_who_took_the_money_out_cannot_refund(funded: Database, clock: FixedClock) -> None:
    order = uuid7()
    async with funded.transaction() as tx:
        await hold_for(tx, order, api.split(1200, 0, 0, SELLER), clock)
        await api.capture(tx, SHOPPER, order, clock())
        await api.transfer(
            tx,
            transfer_id=uuid7(),
            debit=AccountKey(SELLER, AccountKind.PAYABLE, EUR),
            credit=AccountKey(PLATFORM, AccountKind.CLEARING, EUR),
            amount=Money(1000, EUR),
            kind=TransferKind.TOP_UP,
            at=clock(),
        )
    with pytest.raises(Refusal) as refused:
        async with funded.transaction() as tx:
            await api.refund(tx, SHOPPER, order, refund_id=uuid7(), at=clock())
    assert refused.value.code == "wallet.insufficient_funds"
    assert await standing(funded) == {"main": (8800, 0)}
    await books(funded)
