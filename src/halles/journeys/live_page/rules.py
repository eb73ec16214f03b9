"""Pure decisions of the live page: sums, and what just happened in a person's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from halles.journeys.labels.words import amount
from halles.journeys.live_page.types import Happening, Tally
from halles.kernel.errors import Invalid
from halles.kernel.money import Money
from halles.orders.types import Order
from halles.visits.types import HourCount, RecentEvent, VisitKind

LONGEST = timedelta(days=31)
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        VisitKind.OPENED: "Somebody came in",
        VisitKind.PRODUCT_SEEN: "A product was looked at",
        VisitKind.PHOTO: "A photo was taken",
        VisitKind.SCAN: "A code was scanned",
        VisitKind.BASKET: "Something went into a basket",
        VisitKind.CHECKOUT: "A checkout began",
        VisitKind.ORDER: "An order was sent",
        "order": "Order of {amount}",
        "at": "{text} · {place}",
    },
    "fr": {
        VisitKind.OPENED: "Quelqu’un est entré",
        VisitKind.PRODUCT_SEEN: "Un produit a été regardé",
        VisitKind.PHOTO: "Une photo a été prise",
        VisitKind.SCAN: "Un code a été scanné",
        VisitKind.BASKET: "Un article est dans un panier",
        VisitKind.CHECKOUT: "Un paiement a commencé",
        VisitKind.ORDER: "Une commande est partie",
        "order": "Commande de {amount}",
        "at": "{text} · {place}",
    },
}


class BadPeriod(Invalid):
    """A period that ends before it begins, or is longer than a page can show."""

    code, title = "live_page.bad_period", "Not a period to show"


def hours(since: datetime, until: datetime) -> list[datetime]:
    """Every UTC hour that [since, until) touches. Raises BadPeriod."""
    if not since < until <= since + LONGEST:
        raise BadPeriod(f"Choose a period of at most {LONGEST.days} days that ends after it begins.")
    first = since.replace(minute=0, second=0, microsecond=0)
    count = -((first - until) // timedelta(hours=1))
    return [first + timedelta(hours=step) for step in range(count)]


def add_visits(
    counts: Iterable[HourCount],
    whole: Tally,
    by_hour: Mapping[datetime, Tally],
    by_place: Mapping[int, Tally],
) -> None:
    """Add the visits; other kinds are counted where they are surer: photos by recognition, orders by orders."""
    for count in counts:
        if count.kind != "visit":
            continue
        for tally in (whole, by_hour.get(count.hour), by_place.get(count.place_id)):
            if tally is not None:
                tally.visits += count.count


def happenings(
    orders: Sequence[Order], events: Sequence[RecentEvent], names: Mapping[int, str], locale: str, limit: int
) -> list[Happening]:
    """The latest of both, the newest first."""
    words = _WORDS.get(locale, _WORDS["en"])

    def told(text: str, place_id: int | None) -> str:
        name = names.get(place_id or 0)
        return text if name is None else words["at"].format(text=text, place=name)

    found = [
        Happening(
            at=order.placed_at,
            kind="order.placed",
            text=told(
                words["order"].format(amount=amount(Money(order.total_minor, order.currency), locale)),
                order.place_id,
            ),
        )
        for order in orders
    ]
    found += [
        Happening(at=event.at, kind=f"visit.{event.kind}", text=told(words[event.kind], event.place_id))
        for event in events
        if event.kind != VisitKind.ORDER
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:limit]
