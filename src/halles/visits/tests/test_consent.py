"""Tied only with a yes, untied at once by a no, and never two people on one browser."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, command, counting
from halles.kernel.ids import uuid7
from halles.visits import api, rules
from halles.visits.tests.test_visits import PLACE, SELLER, event
from halles.visits.types import (
    CONSENT_TEXT,
    RETENTION,
    VISIT,
    Consent,
    ConsentIdReused,
    OldConsentText,
    Tie,
    VisitKind,
)

NOON = datetime.fromisoformat("2026-11-21T12:00:00+00:00")
ANNE, BEN = 41, 42
_STRAY = command(
    f"""with tied as (insert into visits.tie select seller_id, visitor, until, until, {BEN} from visits.tie)
    insert into visits.agreed values ({SELLER}, 77, now())"""
)


def answer(
    party: int,
    *,
    agreed: bool = True,
    at: datetime = NOON,
    consent_id: UUID | None = None,
    seller: int = SELLER,
) -> Consent:
    return Consent(
        seller_id=seller,
        party_id=party,
        consent_id=consent_id or uuid7(),
        agreed=agreed,
        text_version=CONSENT_TEXT,
        language="fr",
        at=at,
    )


async def say(db: Database, one: Consent) -> Consent:
    async with db.transaction() as tx:
        return await api.say(tx, one)


async def use(db: Database, party: int, visitor: str, moments: Sequence[datetime]) -> None:
    """Somebody signed in uses a browser at the place."""
    async with db.transaction() as tx:
        await api.record(tx, [event(at, visitor=visitor) for at in moments])
        await api.tie(tx, [SELLER], party, visitor, moments)


async def stretches(db: Database, party: int) -> list[tuple[str, datetime, datetime]]:
    async with db.reading() as tx:
        _, ties, _ = await api.kept_of(tx, party)
    return [(one.visitor, one.since, one.until) for one in ties]


async def healthy(db: Database) -> bool:
    async with db.reading() as tx:
        return await api.faults(tx) == []


async def test_without_a_yes_nothing_is_tied(db: Database) -> None:
    with counting() as counter:
        await use(db, ANNE, "v1", [NOON])
    assert counter.statements <= 5
    await say(db, answer(ANNE, agreed=False))
    await use(db, ANNE, "v1", [NOON])
    assert await stretches(db, ANNE) == []


async def test_a_yes_ties_the_visit_it_is_given_in_and_what_follows(db: Database) -> None:
    await say(db, answer(ANNE))
    await use(db, ANNE, "v1", [NOON, NOON + timedelta(minutes=50)])
    await use(db, ANNE, "v2", [NOON + timedelta(days=2)])
    await use(db, ANNE, "v1", [NOON - timedelta(days=3)])
    assert await stretches(db, ANNE) == [
        ("v1", NOON - VISIT, NOON + timedelta(minutes=50)),
        ("v2", NOON + timedelta(days=2) - VISIT, NOON + timedelta(days=2)),
    ]
    assert await healthy(db)


async def test_a_no_unties_at_once_and_leaves_the_counts(db: Database) -> None:
    await say(db, answer(ANNE))
    await use(db, ANNE, "v1", [NOON])
    await say(db, answer(ANNE, agreed=False, at=NOON + timedelta(hours=1)))
    assert await stretches(db, ANNE) == []
    await use(db, ANNE, "v1", [NOON + timedelta(hours=2)])
    assert await stretches(db, ANNE) == []
    async with db.reading() as tx:
        answers, _, events = await api.kept_of(tx, ANNE)
        counts = await api.live(tx, SELLER, place_id=PLACE, since=NOON, until=NOON + timedelta(hours=3))
    assert [one.agreed for one in answers] == [True, False]
    assert events == []
    assert sum(one.count for one in counts if one.kind == "opened") == 2
    assert await healthy(db)


async def test_an_answer_counts_once_and_another_under_its_id_is_refused(db: Database) -> None:
    first = answer(ANNE)
    assert await say(db, first) == first
    late = answer(ANNE, consent_id=first.consent_id, at=NOON + timedelta(days=1))
    assert await say(db, late) == first
    with pytest.raises(ConsentIdReused):
        await say(db, answer(ANNE, agreed=False, consent_id=first.consent_id))
    with pytest.raises(OldConsentText):
        await say(db, replace(answer(BEN), text_version=99))


async def test_a_browser_that_two_people_share_is_never_both(db: Database) -> None:
    for party in (ANNE, BEN):
        await say(db, answer(party))
    await use(db, ANNE, "v1", [NOON])
    await use(db, BEN, "v1", [NOON + timedelta(minutes=30)])
    await use(db, ANNE, "v1", [NOON + timedelta(minutes=60)])
    anne, ben = await stretches(db, ANNE), await stretches(db, BEN)
    assert [until for _, _, until in anne] == [NOON, NOON + timedelta(minutes=60)]
    assert [until for _, _, until in ben] == [NOON + timedelta(minutes=30)]
    assert ben[0][1] > anne[0][2]
    assert anne[1][1] > ben[0][2]
    assert await healthy(db)


async def test_a_guest_who_signs_in_brings_their_yes_unless_the_account_said_no(db: Database) -> None:
    await say(db, answer(ANNE))
    await use(db, ANNE, "v1", [NOON])
    for _ in range(2):
        async with db.transaction() as tx:
            await api.hand_over(tx, ANNE, BEN)
    assert await stretches(db, ANNE) == []
    assert len(await stretches(db, BEN)) == 1
    await say(db, answer(BEN, agreed=False, at=NOON + timedelta(hours=1)))
    await say(db, answer(ANNE, at=NOON + timedelta(hours=2)))
    await use(db, ANNE, "v2", [NOON + timedelta(hours=2)])
    async with db.transaction() as tx:
        await api.hand_over(tx, ANNE, BEN)
    assert await stretches(db, BEN) == [] == await stretches(db, ANNE)
    assert await healthy(db)


async def test_ties_and_withdrawals_at_one_moment_leave_no_tie_behind(db: Database) -> None:
    for round_ in range(5):
        party = 100 + round_
        await say(db, answer(party))
        await asyncio.gather(
            *(use(db, party, f"v{round_}-{n}", [NOON + timedelta(minutes=n)]) for n in range(4)),
            say(db, answer(party, agreed=False)),
            *(use(db, party, f"v{round_}-{n}", [NOON + timedelta(minutes=n)]) for n in range(4)),
        )
        assert await stretches(db, party) == []
    assert await healthy(db)


async def test_the_doctor_sees_ties_that_must_not_be(db: Database) -> None:
    await say(db, answer(ANNE))
    await use(db, ANNE, "v1", [NOON])
    async with db.transaction() as tx:
        await tx.run(_STRAY)
    async with db.reading() as tx:
        found = {(one.what, one.party_id) for one in await api.faults(tx)}
    assert found == {("unagreed", BEN), ("overlap", BEN), ("answer", 77)}


async def test_a_person_is_forgotten_whole_and_ties_in_time(db: Database, clock: FixedClock) -> None:
    await say(db, answer(ANNE))
    await say(db, answer(ANNE, seller=SELLER + 1))
    await use(db, ANNE, "v1", [NOON])
    async with db.transaction() as tx:
        await api.forget_old(tx, NOON + RETENTION + timedelta(seconds=1))
    assert await stretches(db, ANNE) == []
    async with db.transaction() as tx:
        await api.erase(tx, ANNE)
    async with db.reading() as tx:
        assert await api.kept_of(tx, ANNE) == ([], [], [])
        assert await api.count_agreed(tx) == 0


async def test_what_tied_people_did_is_read_by_place_and_day(db: Database) -> None:
    await say(db, answer(ANNE))
    await use(db, ANNE, "v1", [NOON, NOON + timedelta(minutes=1)])
    await use(db, ANNE, "v2", [NOON + timedelta(days=1)])
    async with db.transaction() as tx:
        await api.record(tx, [event(NOON, VisitKind.OPENED, visitor="stranger")])
        await api.record(tx, [event(NOON, VisitKind.OPENED, visitor="v1", place=PLACE + 1)])
    async with db.reading() as tx:
        found = await api.tied(
            tx,
            SELLER,
            PLACE,
            since=NOON - timedelta(days=1),
            until=NOON + timedelta(days=3),
            known_since=NOON - timedelta(days=1),
            zone="Europe/Paris",
        )
        said = await api.answers(tx, SELLER, NOON, NOON + timedelta(days=1))
    assert [(one.party_id, one.first_at) for one in found.days] == [
        (ANNE, NOON),
        (ANNE, NOON + timedelta(days=1)),
    ]
    assert (found.devices, found.visits, said.yes, said.no) == ([2], 2, 1, 0)


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.lists(st.integers(0, 3000), min_size=1, max_size=4)), max_size=12
    )
)
def test_stretches_of_different_people_never_meet(told: list[tuple[int, list[int]]]) -> None:
    """Whatever is told in whatever order, late phones included; a moment is its teller's, or was somebody else's already."""
    standing: list[Tie] = []
    for party, minutes in told:
        moments = [NOON + timedelta(minutes=one) for one in minutes]
        others = [one for one in standing if one.party_id != party]
        mine = rules.tie(standing, party, moments)
        assert all(since <= until for since, until in mine)
        assert all(after > until for (_, until), (after, _) in pairwise(mine))
        for at in moments:
            own = any(since <= at <= until for since, until in mine)
            taken = any(one.since <= at <= one.until for one in others)
            assert own != taken
        standing = others + [
            Tie(seller_id=1, visitor="v", party_id=party, since=since, until=until) for since, until in mine
        ]
        for one in standing:
            for other in standing:
                if one.party_id != other.party_id:
                    assert one.until < other.since or other.until < one.since
