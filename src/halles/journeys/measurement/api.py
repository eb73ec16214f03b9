"""The report of a place: read what is needed from a connection that may lag, compute without one."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from halles.catalog import api as catalog
from halles.catalog.types import Card, State
from halles.journeys.measurement.people import People, every, read_people
from halles.journeys.measurement.rules import journeys, samples
from halles.journeys.measurement.rules.areas import lift as lift_of
from halles.journeys.measurement.rules.asking import checked, monday, start_of, zone_of
from halles.journeys.measurement.rules.shares import HIDDEN, count, share
from halles.journeys.measurement.surroundings import (
    Around,
    SampleDay,
    opening_of,
    read_around,
    read_pieces,
    sample_days,
)
from halles.journeys.measurement.types import (
    LEAST,
    Coverage,
    Lift,
    Question,
    Report,
    SampleEffect,
    Share,
    Why,
)
from halles.kernel.db import Database, Tx
from halles.kernel.errors import TooMany
from halles.places import api as places
from halles.places.types import Place, ShownSample

_MOST_SAMPLES = 500
_EVERY = (State.ACTIVE, State.HIDDEN)
_running: set[tuple[int, int]] = set()


class MeasuringBusy(TooMany):
    """Another report of this seller is being computed in this process."""

    code, title = "measurement.busy", "A report is being computed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    place: Place
    zone: ZoneInfo
    people: People
    opened: date | None
    around: Around | None
    days: list[SampleDay]
    pieces: list[dict[int, tuple[int, int]]]
    cards: dict[UUID, Card]


@contextmanager
def _alone(seller_id: int) -> Generator[None]:
    """One report of a seller at a time: the placebos take a core for a second."""
    me = (id(asyncio.get_running_loop()), seller_id)
    if me in _running:
        raise MeasuringBusy("Another report is being computed; try again in a moment.", retry_after_s=2)
    _running.add(me)
    try:
        yield
    finally:
        _running.discard(me)


async def report(
    db: Database, seller_id: int, question: Question, *, now: datetime, least_shoppers: int, language: str
) -> Report:
    """What a place led to. Reads as a page that may lag does. Raises UnknownPlace, BadQuestion, MeasuringBusy."""
    with _alone(seller_id):
        async with db.lagging() as tx:
            place = await places.place(tx, question.place_id, seller_id)
            zone = zone_of(place.timezone)
            asked = checked(question, now.astimezone(zone).date())
            facts = await _read(tx, place, asked, zone, now, least_shoppers)
        return await asyncio.to_thread(_computed, asked, facts, now, language)


async def _read(
    tx: Tx, place: Place, question: Question, zone: ZoneInfo, now: datetime, least: int
) -> _Facts:
    seller = place.seller_id
    people = await read_people(tx, seller, question, zone, now)
    shown = await places.shown(tx, seller, place.place_id, start_of(question.until, zone))
    opened = await opening_of(tx, place, shown, question, zone)
    around = None if opened is None else await read_around(tx, place, question, opened, zone, least)
    here = _in_period(shown, question, zone)
    cards = await catalog.load_cards(tx, seller, {one.product_id for one in here}, _EVERY)
    days: list[SampleDay] = []
    pieces: list[dict[int, tuple[int, int]]] = [{} for _ in here]
    if around is not None and opened is not None:
        begun = opened + around.asked.first_week * timedelta(days=7)
        days = sample_days(here, begun, question.until, zone)
        variants = {product: card.variant_ids for product, card in cards.items()}
        pieces = await read_pieces(tx, seller, days, variants, around, zone)
    else:
        days = sample_days(here, question.until, question.until, zone)
    return _Facts(
        place=place,
        zone=zone,
        people=people,
        opened=opened,
        around=around,
        days=days,
        pieces=pieces,
        cards=cards,
    )


def _in_period(shown: Sequence[ShownSample], question: Question, zone: ZoneInfo) -> list[ShownSample]:
    since = start_of(question.since, zone)
    return [one for one in shown if one.removed_at is None or one.removed_at > since][:_MOST_SAMPLES]


def _computed(question: Question, facts: _Facts, now: datetime, language: str) -> Report:
    """Pure, and heavy: in a thread."""
    people, window = facts.people, timedelta(days=question.window_days)
    told = journeys.tie(people.visited, every(people.orders), people.touches, window=window, now=now)
    mondays = {
        one.order.placed_at: monday(one.order.placed_at.astimezone(facts.zone).date()) for one in told.orders
    }
    answered = people.answers.yes + people.answers.no
    return Report(
        place_id=facts.place.place_id,
        code=facts.place.code,
        name=facts.place.name,
        since=question.since,
        until=question.until,
        window_days=question.window_days,
        least=LEAST,
        computed_at=now,
        coverage=Coverage(
            visits=people.counted,
            tied=_tied(people),
            agreed=share(people.answers.yes, answered),
            people=count(len(people.visited)),
            devices=journeys.devices(people.devices),
        ),
        purchases=journeys.purchases(told, question.window_days, people.here),
        customers=journeys.customers(told, people.firsts, mondays),
        lift=_lift(question, facts),
        samples=_samples(question, facts, language),
    )


def _tied(people: People) -> Share:
    """Visits are hidden by the people behind them: six of one person would tell how often they came."""
    if count(len(people.visited)) is None:
        return HIDDEN
    return share(min(people.tied, people.counted), people.counted)


def _lift(question: Question, facts: _Facts) -> Lift:
    if facts.around is not None:
        return lift_of(facts.around.cells, facts.around.units, facts.around.asked)
    return Lift(
        why=Why.NOT_OPEN if facts.opened is None else Why.NO_POINT,
        outcome=question.outcome,
        currency=facts.place.currency,
        radius_km=question.radius_km,
        opened=facts.opened,
        weeks_before=0,
        weeks_after=0,
        shoppers=None,
        controls=0,
        left_out=0,
        weights=[],
        weeks=[],
    )


def _samples(question: Question, facts: _Facts, language: str) -> list[SampleEffect]:
    """The best first by the shrunk effect, then those that cannot be told yet, by their position."""
    effects = [_cause(facts, at) for at in range(len(facts.days))]
    told = [at for at, one in enumerate(effects) if isinstance(one, samples.Effect)]
    shrunk = dict(
        zip(told, samples.shrink([e for e in effects if isinstance(e, samples.Effect)]), strict=True)
    )
    ranks = {at: rank for rank, at in enumerate(sorted(told, key=lambda at: -shrunk[at]), 1)}
    people = facts.people
    crowd = journeys.Crowd(people.visited, people.touches, every(people.orders))
    made = [
        _sample(question, facts, crowd, at, effects[at], shrunk.get(at), ranks.get(at), language)
        for at in range(len(effects))
    ]
    return sorted(made, key=lambda one: (one.rank or len(made) + 1, one.position, one.code))


def _cause(facts: _Facts, at: int) -> samples.Effect | Why:
    if facts.around is None:
        return Why.NO_POINT
    day = facts.days[at]
    found = samples.effect(facts.pieces[at], facts.around.units.shoppers, day.before, day.after)
    if day.removal and isinstance(found, samples.Effect):
        return samples.Effect(effect=-found.effect, error=found.error)
    return found


def _sample(
    question: Question,
    facts: _Facts,
    crowd: journeys.Crowd,
    at: int,
    effect: samples.Effect | Why,
    shrunk: float | None,
    rank: int | None,
    language: str,
) -> SampleEffect:
    sample, day = facts.days[at].sample, facts.days[at]
    end = min(sample.removed_at or start_of(question.until, facts.zone), start_of(question.until, facts.zone))
    span = (max(sample.placed_at, start_of(question.since, facts.zone)), end)
    window = timedelta(days=question.window_days)
    arms = crowd.arms(sample.product_id, span, window)
    why, seen, unseen, more = samples.seen(arms)
    card = facts.cards.get(sample.product_id)
    placed = sample.placed_at.astimezone(facts.zone).date()
    return SampleEffect(
        sample_id=sample.sample_id,
        product_id=sample.product_id,
        code=sample.code,
        position=sample.position,
        title="" if card is None else catalog.pick(card.title, language),
        placed=placed,
        removed=sample.removed_at.astimezone(facts.zone).date() if sample.removed_at else None,
        why_seen=why,
        seen=seen,
        unseen=unseen,
        more=more,
        why_cause=effect if isinstance(effect, Why) else Why.MEASURED,
        cause=samples.interval(effect) if isinstance(effect, samples.Effect) else None,
        shrunk=shrunk,
        rank=rank,
        at_opening=not day.removal and facts.opened is not None and (placed - facts.opened).days < 7,
    )
