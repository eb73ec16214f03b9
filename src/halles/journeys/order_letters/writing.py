"""A mail about an order, from what is known of it. Nothing is asked of anybody here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from halles.catalog.api import pick
from halles.identity.types import Mail
from halles.journeys.checkout.api import read_promise
from halles.journeys.order_letters import words
from halles.journeys.order_letters.links import LIFE
from halles.journeys.order_letters.rules import collected, standing
from halles.journeys.order_letters.types import Facts
from halles.kernel.letters import Rows, letter, plain
from halles.kernel.money import included_tax, parse_money
from halles.letters.types import Kind
from halles.orders import api as orders
from halles.orders.types import Line, Order
from halles.promises.types import PromiseKind


def write(facts: Facts, link: str, message_id: str) -> Mail:
    """The mail, in its reader's language. `link`: of the order, for them alone. The recipient must be known."""
    assert facts.recipient is not None
    parts = _confirmation(facts) if facts.kind is Kind.CONFIRMATION else _news(facts)
    until = words.day((facts.order.placed_at + LIFE).date(), facts.language)
    last = f"{_say(facts, 'link', link=link)}\n{_say(facts, 'link.mine', day=until)}"
    told = [*parts, last]
    return Mail(
        message_id=message_id,
        recipient=facts.recipient.strip(),
        subject=_say(facts, f"{facts.kind.word}.subject", number=orders.number(facts.order.order_id)),
        text=plain(told),
        html=letter(facts.language, told),
        registered=True,
    )


def _say(facts: Facts, word: str, **values: object) -> str:
    return words.WORDS[facts.language][word].format(**values)


def _confirmation(facts: Facts) -> list[str | Rows]:
    order, family = facts.order, standing(facts.family)
    number = orders.number(order.order_id)
    placed = words.day(order.placed_at.date(), facts.language)
    told: list[str | Rows] = [_say(facts, "confirmation.lead", number=number, day=placed)]
    for part in family:
        told += [_seller(facts, part, several=len(family) > 1), _lines(facts, part), _promise(facts, part)]
    told.append(_sums(facts, family))
    if order.ship_to is not None:
        told.append(f"{_say(facts, 'to')}\n{_address(facts, order)}")
    told.append(_say(facts, "pay.wallet" if order.pay_by is None else "pay.card"))
    return [*told, *_withdrawal(facts, family)]


def _seller(facts: Facts, part: Order, *, several: bool) -> str:
    told = [_say(facts, "sold_by", seller=facts.names.get(part.seller_id) or "Halles")]
    told += [legal for legal in [facts.terms[part.seller_id].legal.strip()] if legal]
    if several:
        told.append(_say(facts, "part", number=orders.number(part.order_id)))
    return "\n".join(told)


def _lines(facts: Facts, part: Order) -> Rows:
    """What was bought, as it was shown then; what leaves from several locations is one line."""
    pieces: Counter[int] = Counter()
    first: dict[int, Line] = {}
    for line in part.lines:
        pieces[line.variant_id] += line.quantity
        first.setdefault(line.variant_id, line)
    return [_line(facts, part, first[variant], quantity) for variant, quantity in pieces.items()]


def _line(facts: Facts, part: Order, line: Line, quantity: int) -> tuple[str, str]:
    told = _say(facts, "line", quantity=quantity, title=pick(line.title, facts.language))
    for option in line.options:
        told += f"\n{option.name}: {pick(option.value, facts.language)}"
    if quantity > 1:
        unit = words.money(line.unit_price_minor, part.currency, facts.language)
        told += "\n" + _say(facts, "each", price=unit)
    return told, words.money(quantity * line.unit_price_minor, part.currency, facts.language)


def _sums(facts: Facts, family: Sequence[Order]) -> Rows:
    """Delivery, total, and the tax that it contains by rate; where the rates do not add up to the tax that was booked, that one
    alone."""
    currency, language = facts.order.currency, facts.language
    tax: Counter[int] = Counter()
    for part in family:
        for line in part.lines:
            tax[line.tax_bp] += included_tax(line.total_minor, line.tax_bp)
    booked, total = sum(part.tax_minor for part in family), sum(part.total_minor for part in family)
    rows = [(_say(facts, "total"), words.money(total, currency, language))]
    if any(part.ship_to is not None for part in family):
        rows.insert(0, (_say(facts, "delivery"), _say(facts, "free")))
    if sum(tax.values()) != booked:
        return [*rows, (_say(facts, "vat_total"), words.money(booked, currency, language))]
    return [
        *rows,
        *(
            (_say(facts, "vat", rate=words.rate(rate, language)), words.money(minor, currency, language))
            for rate, minor in sorted(tax.items(), reverse=True)
        ),
    ]


def _promise(facts: Facts, part: Order) -> str:
    promise = read_promise(part.promise)
    first = words.day(promise.date, facts.language)
    if promise.kind is PromiseKind.PICKUP:
        return _say(facts, "promise.pickup", day=first, place=promise.origin)
    if promise.latest is None or promise.latest == promise.date:
        return _say(facts, "promise.delivery", day=first)
    return _say(facts, "promise.between", day=first, latest=words.day(promise.latest, facts.language))


def _address(facts: Facts, order: Order) -> str:
    to = order.ship_to
    assert to is not None
    country = words.COUNTRIES[facts.language].get(to.country, to.country)
    return "\n".join([to.name, to.line1, f"{to.postcode} {to.city}", country])


def _withdrawal(facts: Facts, family: Sequence[Order]) -> list[str]:
    """The right of withdrawal in each seller's words, once where they say the same."""
    said: dict[str, list[str]] = {}
    for part in family:
        terms = facts.terms[part.seller_id]
        own = terms.withdrawal_fr if facts.language == "fr" else terms.withdrawal_en
        text = own.strip() or _say(facts, "withdrawal", days=terms.withdrawal_days)
        said.setdefault(text, []).append(facts.names.get(part.seller_id) or "Halles")
    if len(said) == 1:
        return list(said)
    return [
        f"{_say(facts, 'withdrawal.of', seller=', '.join(dict.fromkeys(names)))}\n{text}"
        for text, names in said.items()
    ]


def _news(facts: Facts) -> list[str | Rows]:
    order = facts.order
    values = {
        "number": orders.number(order.order_id),
        "place": order.promise.get("from", ""),
        "total": words.money(order.total_minor, order.currency, facts.language),
    }
    told: list[str | Rows] = [_say(facts, word, **values) for word in _leads(facts)]
    if facts.kind is Kind.SHIPPED:
        told += [_promise(facts, order), *_tracking(facts)]
    back = _refunds(facts)
    return [*told, back if facts.kind is Kind.REFUNDED and back else _lines(facts, order)]


def _leads(facts: Facts) -> list[str]:
    """The words that say what happened."""
    kind, happened = facts.kind, {entry.code for entry in facts.timeline}
    if kind is Kind.CANCELLED:
        if "orders.expired" in happened:
            return ["cancelled.expired"]
        if facts.order.pay_by is None:
            return ["cancelled.lead", "cancelled.wallet"]
        paid = "orders.payment_received" in happened
        return ["cancelled.lead", "cancelled.card" if paid else "cancelled.nothing"]
    if kind is Kind.REFUNDED and _refunds(facts):
        return ["refunded.card"]
    if kind is Kind.DELIVERED and collected(facts.order):
        return ["delivered.collected"]
    return [f"{kind.word}.lead"]


def _tracking(facts: Facts) -> list[str]:
    told = [
        _say(facts, "tracking", carrier=one.carrier, number=one.tracking)
        for one in facts.shipments
        if one.tracking
    ]
    return ["\n".join(told)] if told else []


def _refunds(facts: Facts) -> Rows:
    """What came back to the card so far."""
    return [
        (
            _say(facts, "refunded.row", day=words.day(entry.at.date(), facts.language)),
            _amount(facts, str((entry.detail or {}).get("amount", ""))),
        )
        for entry in facts.timeline
        if entry.code == "orders.card_refunded"
    ]


def _amount(facts: Facts, text: str) -> str:
    found = parse_money(text)
    return words.money(found.minor, found.currency, facts.language)
