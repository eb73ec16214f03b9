"""From what was seen around a place, and the wishes, to a plan with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from uuid import UUID

import numpy as np

from halles.assortments.rules.areas import told
from halles.assortments.rules.demand import Estimate, Floats, expected, weighed
from halles.assortments.rules.likeness import Likeness, Traits
from halles.assortments.rules.problem import Bools, Group, Problem, State
from halles.assortments.rules.solver import Solution, solve
from halles.assortments.rules.wishes import check, in_band, of_kind, width_of
from halles.assortments.types import Area, BadWishes, Band, Chosen, Plan, Reason, Signals, Wishes

_NOTHING = Signals()
_TELLING = 1.25
"""A demand is worth a word when it is so many times the country's share, or as many times less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A product that may be shown. `price_minor` None: none in the place's currency. `stock`: pieces that hubs can sell."""

    product_id: UUID
    title: dict[str, str]
    category: str
    family: str
    brand: str | None
    price_minor: int | None
    stock: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What was seen in the chosen area (`near`) and in the whole country (`wide`, the area included). `shoppers` None: even the
    country has too few, and then nothing is told of either."""

    level: str
    label: str
    merged: bool
    shoppers: int | None
    near: Mapping[UUID, Signals] = field(default_factory=dict[UUID, Signals])
    wide: Mapping[UUID, Signals] = field(default_factory=dict[UUID, Signals])


def plan(
    articles: Sequence[Article],
    wishes: Wishes,
    seen: Sighting,
    *,
    currency: str,
    shown: Collection[UUID] = (),
    least_shoppers: int,
) -> Plan:
    """The plan that these wishes lead to. Seconds for 10,000 articles. Raises BadWishes, NoPlanFound."""
    check(wishes)
    articles = sorted(articles, key=lambda one: one.product_id)
    if not articles:
        raise BadWishes("There is nothing to show yet.", field="samples")
    estimate = expected(_events(articles, seen.near), _events(articles, seen.wide))
    likeness = Likeness(_traits(articles), wishes.rates)
    problem = _problem(articles, wishes, estimate.demand)
    found = solve(problem, likeness)
    state = State(problem, likeness)
    for product in found.chosen:
        state.add(product)
    total, here = float(estimate.demand.sum()), set(shown)
    today = State(problem, likeness)
    for product, article in enumerate(articles):
        if article.product_id in here:
            today.add(product)
    teller = _Teller(articles, wishes, seen, estimate, state, least_shoppers)
    return Plan(
        area=Area(
            level=seen.level,
            label=seen.label,
            radius_km=wishes.radius_km,
            merged=seen.merged,
            shoppers=seen.shoppers,
            trust=round(float(estimate.trust @ estimate.demand) / total, 3) if total else 0.0,
        ),
        currency=currency,
        chosen=tuple(_chosen(teller, found, number) for number in range(len(found.chosen))),
        covered=round(found.value, 3),
        total=round(total, 3),
        bound=round(min(found.bound, total), 3),
        gap=round(max(0.0, 1 - found.value / min(found.bound, total)), 4) if found.bound > 0 else 0.0,
        space_cm=state.width,
        shown_now=round(today.value, 3),
        shown_now_samples=len(today.chosen),
        considered=int(problem.allowed.sum()),
        out_of_stock=sum(article.stock < wishes.min_stock for article in articles),
    )


def _events(articles: Sequence[Article], seen: Mapping[UUID, Signals]) -> Floats:
    found = [seen.get(article.product_id, _NOTHING) for article in articles]
    return weighed(
        np.array([one.sales for one in found], dtype=np.float64),
        np.array([one.views for one in found], dtype=np.float64),
        np.array([one.searches for one in found], dtype=np.float64),
    )


def _traits(articles: Sequence[Article]) -> Traits:
    families: dict[str, int] = {}
    categories: dict[tuple[str, str], int] = {}
    brands: dict[str, int] = {}
    for one in articles:
        families.setdefault(one.family, len(families))
        categories.setdefault((one.family, one.category), len(categories))
        if one.brand is not None:
            brands.setdefault(one.brand, len(brands))
    return Traits(
        family=np.array([families[one.family] for one in articles], dtype=np.int64),
        category=np.array([categories[one.family, one.category] for one in articles], dtype=np.int64),
        brand=np.array([-1 if one.brand is None else brands[one.brand] for one in articles], dtype=np.int64),
        price=np.array(
            [np.nan if one.price_minor is None else one.price_minor for one in articles], dtype=np.float64
        ),
    )


def _problem(articles: Sequence[Article], wishes: Wishes, demand: Floats) -> Problem:
    places = {article.product_id: at for at, article in enumerate(articles)}
    unknown = [str(one) for one in wishes.must if one not in places]
    if unknown:
        raise BadWishes("A must-have is not in the catalogue.", field="must", unknown=unknown)
    without = set(wishes.without)
    return Problem(
        demand=demand,
        width=np.array([width_of(wishes, one.category) for one in articles], dtype=np.int64),
        allowed=np.array(
            [one.stock >= wishes.min_stock and one.product_id not in without for one in articles],
            dtype=np.bool_,
        ),
        must=tuple(sorted({places[one] for one in wishes.must})),
        groups=_groups(articles, wishes),
        samples=wishes.samples,
        space=wishes.space_cm,
    )


def _groups(articles: Sequence[Article], wishes: Wishes) -> tuple[Group, ...]:
    def mask(test: Callable[[Article], bool]) -> Bools:
        return np.array([test(one) for one in articles], dtype=np.bool_)

    found: list[Group] = []
    for limit in wishes.limits:
        members = mask(
            lambda one, limit=limit: of_kind(
                limit.kind, limit.key, {"category": one.category, "family": one.family, "brand": one.brand}
            )
        )
        if not members.any():
            raise BadWishes(f"No product is of the {limit.kind.value} {limit.key!r}.", field="limits")
        most = len(articles) if limit.most is None else limit.most
        found.append(
            Group(
                name=f"{limit.kind.value}:{limit.key}",
                kind=limit.kind.value,
                members=members,
                least=limit.least,
                most=most,
            )
        )
    return (
        *found,
        *(
            Group(
                name=band_name(band),
                kind="band",
                members=mask(lambda one, band=band: in_band(band, one.price_minor)),
                least=ceil(band.least_pct * wishes.samples / 100),
                most=floor(band.most_pct * wishes.samples / 100),
            )
            for band in wishes.bands
        ),
    )


def band_name(band: Band) -> str:
    """`band:1000-5000`, in minor units; open above: `band:1000-`."""
    return f"band:{band.from_minor}-{'' if band.below_minor is None else band.below_minor}"


class _Teller:
    """Says why a product is shown. `stands_for`: by product, how many that are not shown it is the nearest to, and what of their
    demand it recovers."""

    def __init__(
        self,
        articles: Sequence[Article],
        wishes: Wishes,
        seen: Sighting,
        estimate: Estimate,
        state: State,
        least_shoppers: int,
    ) -> None:
        self.articles, self.wishes, self.seen, self.estimate = articles, wishes, seen, estimate
        self.state, self.least = state, least_shoppers
        self.musts = set(wishes.must)
        self.stands_for: dict[int, tuple[int, float]] = {}
        likeness, demand = state.likeness, state.problem.demand
        for family, members in enumerate(likeness.members):
            inside = np.flatnonzero(state.inside[members])
            if not len(inside):
                continue
            rows = likeness.rows(family, inside)
            nearest, outside = rows.argmax(axis=0), ~state.inside[members] & (rows.max(axis=0) > 0)
            recovered = rows.max(axis=0) * demand[members]
            for number, at in enumerate(inside):
                mine = outside & (nearest == number)
                self.stands_for[int(members[at])] = (int(mine.sum()), float(recovered[mine].sum()))

    def reasons(self, product: int) -> tuple[Reason, ...]:
        article = self.articles[product]
        found = [Reason(code="must_have")] if article.product_id in self.musts else []
        found += self._seen(article, product)
        found += self._limits(product)
        many, pieces = self.stands_for.get(product, (0, 0.0))
        if many:
            found.append(Reason(code="stands_for", facts={"products": many, "pieces": round(pieces, 1)}))
        if article.stock < self.wishes.min_stock:
            found.append(Reason(code="out_of_stock", facts={"stock": article.stock}))
        return tuple(found)

    def _seen(self, article: Article, product: int) -> list[Reason]:
        if self.seen.shoppers is None:
            return [Reason(code="too_few_shoppers", facts={"least": self.least})]
        near = self.seen.near.get(article.product_id, _NOTHING)
        where = {"level": self.seen.level, "km": self.wishes.radius_km, "days": self.wishes.days}
        found: list[Reason] = []
        for code, count in (("sold", near.sales), ("viewed", near.views), ("searched", near.searches)):
            if count or code == "sold":
                said = told(count, self.least)
                facts = {**where, "count": said} if said is not None else {**where, "fewer_than": self.least}
                found.append(Reason(code=code, facts=facts))
        times, trust = float(self.estimate.times[product]), float(self.estimate.trust[product])
        if self.seen.level in ("country", "all"):
            return found
        if times >= _TELLING or times <= 1 / _TELLING:
            found.append(Reason(code="times_country", facts={"times": round(times, 1)}))
        if trust < 0.5:
            found.append(Reason(code="mostly_country", facts={"percent": round(100 * (1 - trust))}))
        return found

    def _limits(self, product: int) -> list[Reason]:
        found: list[Reason] = []
        for at, group in enumerate(self.state.problem.groups):
            if not group.members[product]:
                continue
            used = int(self.state.used[at])
            if group.kind == "band" and used == 1:
                found.append(Reason(code="only_in_band", facts={"band": group.name.partition(":")[2]}))
            elif group.least and used == group.least:
                kind, _, key = group.name.partition(":")
                found.append(Reason(code="needed", facts={"kind": kind, "key": key, "least": group.least}))
        return found


def _chosen(teller: _Teller, found: Solution, number: int) -> Chosen:
    product = found.chosen[number]
    article, problem = teller.articles[product], teller.state.problem
    return Chosen(
        product_id=article.product_id,
        title=article.title,
        category=article.category,
        family=article.family,
        brand=article.brand,
        price_minor=article.price_minor,
        width_cm=int(problem.width[product]),
        stock=article.stock,
        demand=round(float(problem.demand[product]), 1),
        adds=round(found.adds[number], 1),
        reasons=teller.reasons(product),
    )
