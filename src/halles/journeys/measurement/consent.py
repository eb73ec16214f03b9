"""Asking, answering, reading what is kept, and being forgotten: each person for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from halles.identity import api as identity
from halles.journeys.measurement.words import consent_text
from halles.kernel.caller import Caller
from halles.kernel.db import Database
from halles.kernel.errors import NotFound
from halles.kernel.ids import PartyId
from halles.places import api as places
from halles.vision.api import touches as vision
from halles.visits import api as visits
from halles.visits.types import CONSENT_TEXT, Consent

Browser = NewType("Browser", int)


class NobodyAsks(NotFound):
    """There is no shop yet that could ask."""

    code, title = "measurement.nobody_asks", "No shop yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked, by whom, and what was answered. `agreed` None: nothing yet. `ask`: it is time to ask, since nothing was
    answered, or yes to a text that has changed."""

    seller_id: int
    seller: str
    agreed: bool | None
    at: datetime | None
    text_version: int
    text: str
    language: str
    ask: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer with the text it was given to."""

    seller_id: int
    agreed: bool
    at: datetime
    text_version: int
    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStretch:
    """A browser (numbered, 1 the first) was this person's from `since` to `until`."""

    seller_id: int
    browser: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvent:
    """Something that was done in such a stretch. `kind` `photo`: a photo that was recognised as the product."""

    seller_id: int
    at: datetime
    kind: str
    place_id: int | None
    product_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All that is kept of a person for measuring."""

    answers: list[KeptAnswer]
    stretches: list[KeptStretch]
    events: list[KeptEvent]


async def asked(db: Database, caller: Caller, touchpoint: str | None, language: str) -> Asked:
    """What the shop of a touchpoint asks this caller. At most four statements. Raises NobodyAsks."""
    async with db.reading() as tx:
        point = await places.find_touchpoint(tx, touchpoint)
        if point is None:
            raise NobodyAsks("There is no shop yet.")
        names = await identity.load_names(tx, [PartyId(point.seller_id)])
        mine = [] if caller.party_id is None else await visits.consents(tx, caller.party_id)
    last = next((one for one in reversed(mine) if one.seller_id == point.seller_id), None)
    stale = last is not None and last.agreed and last.text_version != CONSENT_TEXT
    return Asked(
        seller_id=point.seller_id,
        seller=names.get(PartyId(point.seller_id)) or "",
        agreed=None if last is None else last.agreed,
        at=None if last is None else last.at,
        text_version=CONSENT_TEXT,
        text=consent_text(CONSENT_TEXT, language),
        language=language,
        ask=last is None or stale,
    )


async def answer(
    db: Database,
    caller: Caller,
    *,
    consent_id: UUID,
    agreed: bool,
    text_version: int,
    language: str,
    touchpoint: str | None,
    now: datetime,
) -> None:
    """Keep an answer; a yes ties the visit that this browser is in. Raises NobodyAsks, ConsentIdReused, OldConsentText."""
    party = caller.party()
    async with db.transaction() as tx:
        point = await places.find_touchpoint(tx, touchpoint)
        if point is None:
            raise NobodyAsks("There is no shop yet.")
        said = Consent(
            seller_id=point.seller_id,
            party_id=party,
            consent_id=consent_id,
            agreed=agreed,
            text_version=text_version,
            language=language,
            at=now,
        )
        kept = await visits.say(tx, said)
        if kept.agreed and kept.at == now and caller.visitor is not None:
            await visits.tie(tx, [point.seller_id], party, caller.visitor, [now])


async def kept(db: Database, party_id: int) -> Kept:
    """All that is kept of a person, one's own. Three statements, and one a seller for photos."""
    async with db.snapshot() as tx:
        answers, ties, events = await visits.kept_of(tx, party_id)
        browsers: dict[str, int] = {}
        for tie in ties:
            browsers.setdefault(tie.visitor, len(browsers) + 1)
        found = [
            KeptEvent(
                seller_id=one.seller_id,
                at=one.at,
                kind=one.kind,
                place_id=one.place_id,
                product_id=one.product_id,
            )
            for one in events
        ]
        for seller_id in sorted({one.seller_id for one in ties}):
            mine = [one for one in ties if one.seller_id == seller_id]
            span = {"since": min(one.since for one in mine), "until": max(one.until for one in mine)}
            photos = await vision.photographed(
                tx, seller_id, place_id=None, visitors={one.visitor for one in mine}, **span
            )
            found += [
                KeptEvent(
                    seller_id=seller_id, at=one.at, kind="photo", place_id=None, product_id=one.product_id
                )
                for one in photos
                if any(t.visitor == one.visitor and t.since <= one.at <= t.until for t in mine)
            ]
    return Kept(
        answers=[
            KeptAnswer(
                seller_id=one.seller_id,
                agreed=one.agreed,
                at=one.at,
                text_version=one.text_version,
                language=one.language,
                text=consent_text(one.text_version, one.language),
            )
            for one in answers
        ],
        stretches=[
            KeptStretch(
                seller_id=one.seller_id, browser=browsers[one.visitor], since=one.since, until=one.until
            )
            for one in ties
        ],
        events=sorted(found, key=lambda one: one.at),
    )


async def forget(db: Database, party_id: int) -> None:
    """Forget a person's ties and answers."""
    async with db.transaction() as tx:
        await visits.erase(tx, party_id)
