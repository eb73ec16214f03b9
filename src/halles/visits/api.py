"""The door of visits: record what happened, read the counts, ask for consent, tie and untie, forget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from halles.kernel import outbox
from halles.kernel.db import Tx
from halles.visits import rules, store
from halles.visits.store import Fault
from halles.visits.types import (
    CONSENT_TEXT,
    RETENTION,
    Answers,
    Consent,
    ConsentIdReused,
    HourCount,
    OldConsentText,
    RecentEvent,
    SeenCount,
    Tie,
    TiedEvent,
    TiedTouch,
    VisitDay,
    VisitEvent,
    VisitsRecorded,
)

believed = rules.believed
local_day = rules.local_day

__all__ = [
    "Fault",
    "Tied",
    "answers",
    "believed",
    "consents",
    "count_agreed",
    "erase",
    "faults",
    "first_visit",
    "forget_old",
    "hand_over",
    "kept_of",
    "live",
    "local_day",
    "recent",
    "record",
    "say",
    "seen",
    "tie",
    "tied",
]


async def record(tx: Tx, events: Sequence[VisitEvent], *, announce: bool = True) -> int:
    """Keep events, counting each once; returns how many were new. At most three statements.

    Emits VisitsRecorded for each seller and place they touch, unless `announce` is off: whoever records many times a second
    announces once.
    """
    if not events:
        return 0
    fresh = await store.record(tx, events)
    if fresh and announce:
        places = sorted({(event.seller_id, event.place_id) for event in events}, key=str)
        await outbox.append(
            tx, [VisitsRecorded(seller_id=seller, place_id=place) for seller, place in places]
        )
    return fresh


async def live(
    tx: Tx, seller_id: int, *, place_id: int | None, since: datetime, until: datetime
) -> list[HourCount]:
    """Counts by UTC hour, place and kind in [hour of since, until). One statement over the hours, not over the events."""
    return await store.by_hour(tx, seller_id, place_id, since, until)


async def recent(
    tx: Tx, seller_id: int, *, place_id: int | None, since: datetime, until: datetime, limit: int = 20
) -> list[RecentEvent]:
    """What happened last. One statement."""
    return await store.recent(tx, seller_id, place_id, since, until, limit)


async def seen(tx: Tx, seller_id: int, since: datetime, until: datetime) -> list[SeenCount]:
    """How often products were looked at in [since, until), by place. One statement over these events."""
    return await store.seen(tx, seller_id, since, until)


async def forget_old(tx: Tx, now: datetime) -> int:
    """Delete single events and ties older than RETENTION; the worker calls it daily. Counts stay. Returns how many rows."""
    return await store.forget(tx, now - RETENTION)


# ── consent ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def say(tx: Tx, answer: Consent) -> Consent:
    """Keep a person's answer; a no unties them at once. The same answer again is the first one. Six statements at most.

    Raises ConsentIdReused, OldConsentText.
    """
    mine = {"seller_id": answer.seller_id, "party_id": answer.party_id}
    await tx.run(store.LOCK_PERSON, mine)
    found = await tx.first(store.CONSENT, {**mine, "consent_id": answer.consent_id})
    if found is not None:
        said = (found.agreed, found.text_version, found.language)
        if said != (answer.agreed, answer.text_version, answer.language):
            raise ConsentIdReused("Another answer was given under this id.")
        return found
    if answer.agreed and answer.text_version != CONSENT_TEXT:
        raise OldConsentText("The text that was agreed to is not the present one.", text_version=CONSENT_TEXT)
    params = {**mine, "consent_id": answer.consent_id, "agreed": answer.agreed, "at": answer.at}
    params |= {"text_version": answer.text_version, "language": answer.language}
    await tx.run(store.KEEP_CONSENT, params)
    if answer.agreed:
        await tx.run(store.AGREE, params)
    else:
        await tx.run(store.WITHDRAW, mine)
        await tx.run(store.UNTIE, mine)
    return answer


async def consents(tx: Tx, party_id: int) -> list[Consent]:
    """Every answer of a person, in the order they gave them. One statement."""
    return await tx.all(store.CONSENTS_OF, {"party_id": party_id})


async def erase(tx: Tx, party_id: int) -> None:
    """Forget a person: their ties, their agreement and every answer. What they did stays as counts and as events of nobody."""
    mine = {"party_id": party_id, "seller_id": None}
    await tx.run(store.LOCK_PERSON, mine)
    await tx.run(store.WITHDRAW, mine)
    await tx.run(store.UNTIE, mine)
    await tx.run(store.ERASE, mine)


async def hand_over(tx: Tx, old: int, new: int) -> None:
    """A guest turned out to be an account: the account's own answer holds; without one, the guest's. Repeating it changes
    nothing."""
    for party in sorted((old, new)):
        await tx.run(store.LOCK_PERSON, {"party_id": party})
    theirs = {one.seller_id: one for one in await consents(tx, new)}
    for seller_id, said in {one.seller_id: one for one in await consents(tx, old)}.items():
        params = {"seller_id": seller_id, "old": old, "new": new}
        if seller_id not in theirs:
            await tx.run(store.MOVE_CONSENT, params)
            await tx.run(store.MOVE_AGREED, params)
        if said.agreed and theirs.get(seller_id, said).agreed:
            await tx.run(store.MOVE_TIES, params)
    await erase(tx, old)


async def tie(
    tx: Tx, sellers: Iterable[int], party_id: int, visitor: str, moments: Sequence[datetime]
) -> None:
    """These moments on this browser were this person's: tie them where the person agreed to it. One statement a seller for
    people who did not, four more for each seller with whom they did."""
    for seller_id in sorted(set(sellers)):
        mine = {"seller_id": seller_id, "visitor": visitor, "party_id": party_id}
        agreed_at = await tx.first(store.AGREED, mine)
        if agreed_at is None:
            continue
        await tx.run(store.LOCK_VISITOR, mine)
        standing = await tx.all(store.TIES, mine)
        before = [(one.since, one.until) for one in standing if one.party_id == party_id]
        after = rules.tie(standing, party_id, [at for at in moments if at >= agreed_at])
        if after != before:
            if before:
                await tx.run(store.DROP_TIES, mine)
            spans = {"since": [start for start, _ in after], "until": [end for _, end in after]}
            await tx.run(store.PUT_TIES, {**mine, **spans})


async def kept_of(tx: Tx, party_id: int) -> tuple[list[Consent], list[Tie], list[TiedEvent]]:
    """All that is kept of a person here. Three statements, by indexes."""
    mine = {"party_id": party_id}
    ties, events = await tx.all(store.TIES_OF, mine), await tx.all(store.EVENTS_OF, mine)
    return await consents(tx, party_id), ties, events


# ── what tied people did ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """What people who agreed did at a place. `devices`: browsers of each of them. `visits`: tied visitor-days that began
    there."""

    days: list[VisitDay]
    touches: list[TiedTouch]
    devices: list[int]
    visits: int
    ties: list[Tie]


async def tied(
    tx: Tx,
    seller_id: int,
    place_id: int,
    *,
    since: datetime,
    until: datetime,
    known_since: datetime,
    zone: str,
) -> Tied:
    """At a place in [since, until), `days` in [known_since, until), as `zone` has them. Five statements; four of them read the
    period's events at the place."""
    params = {"seller_id": seller_id, "place_id": place_id, "since": since, "until": until, "zone": zone}
    return Tied(
        days=await tx.all(store.VISIT_DAYS, {**params, "since": known_since}),
        touches=await tx.all(store.TOUCHES, params),
        devices=await tx.all(store.DEVICES, params),
        visits=await tx.one(store.TIED_VISITS, params),
        ties=await tx.all(store.TIES_AT, params),
    )


async def answers(tx: Tx, seller_id: int, since: datetime, until: datetime) -> Answers:
    """How people answered in [since, until). One statement."""
    return await tx.one(store.ANSWERS, {"seller_id": seller_id, "since": since, "until": until})


async def first_visit(tx: Tx, seller_id: int, place_id: int) -> datetime | None:
    """The hour of the first visit that was ever counted at a place; None before. One statement over its hours."""
    return await tx.first(store.FIRST_DAY, {"seller_id": seller_id, "place_id": place_id})


# ── the doctor ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def faults(tx: Tx) -> list[Fault]:
    """Ties without consent, two people on one browser at once, agreements that the last answer does not tell. One statement."""
    return await tx.all(store.FAULTS)


async def count_agreed(tx: Tx) -> int:
    """How many agreements stand. One statement."""
    return await tx.one(store.COUNT_AGREED)
