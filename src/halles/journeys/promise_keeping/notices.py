"""The mail that tells a shopper early that a promise may not hold, or does not. Each is sent once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import structlog

from halles.identity import api as identity
from halles.identity.types import Mail, Mailer, MailNotConfigured, NoSuchParty
from halles.kernel.letters import letter
from halles.kernel.relay import Delivery
from halles.orders import api as orders
from halles.orders.types import NoSuchOrder
from halles.promises.types import Confidence, PromiseShifted

log = structlog.get_logger("halles.promises")

_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
}
_DAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
}
_WORDS = {
    "en": {
        Confidence.AT_RISK: (
            "Order {number} may be late",
            "Your order {number} may arrive later than we promised.",
        ),
        Confidence.MISSED: (
            "Order {number} is late",
            "We cannot keep the day that we promised for your order {number}.",
        ),
        "expected": "As things stand, it arrives on {day}.",
        "unknown": "We do not know yet when it arrives, and will look into it.",
        "rest": "You can follow it here, and cancel it there as long as it has not left: {link}",
        "sorry": "We are sorry.",
    },
    "fr": {
        Confidence.AT_RISK: (
            "La commande {number} risque d’être en retard",
            "Votre commande {number} pourrait arriver plus tard que promis.",
        ),
        Confidence.MISSED: (
            "La commande {number} est en retard",
            "Nous ne pouvons pas tenir le jour promis pour votre commande {number}.",
        ),
        "expected": "À ce jour, elle arrive {day}.",
        "unknown": "Nous ne savons pas encore quand elle arrivera et nous nous renseignons.",
        "rest": "Vous pouvez la suivre ici, et l’y annuler tant qu’elle n’est pas partie : {link}",
        "sorry": "Nous en sommes désolés.",
    },
}


def day_text(day: date, locale: str) -> str:
    """`Tuesday 1 December`, `mardi 1er décembre`."""
    number = "1er" if locale == "fr" and day.day == 1 else str(day.day)
    return f"{_DAYS[locale][day.weekday()]} {number} {_MONTHS[locale][day.month - 1]}"


def notice(
    recipient: str, locale: str, state: str, expected_on: date | None, number: str, link: str, message_id: str
) -> Mail:
    """The mail, in the reader's language."""
    locale = locale if locale in _WORDS else "en"
    words = _WORDS[locale]
    subject, lead = words[Confidence(state)]
    when = (
        words["unknown"]
        if expected_on is None
        else str(words["expected"]).format(day=day_text(expected_on, locale))
    )
    lines = [lead.format(number=number), str(when), str(words["sorry"]), str(words["rest"]).format(link=link)]
    return Mail(
        message_id=message_id,
        recipient=recipient,
        subject=subject.format(number=number),
        text="\n\n".join(lines) + "\n",
        html=letter(locale, lines),
    )


class TellShopper:
    """The reaction to PromiseShifted. Who gave no address is told by the order's page alone; where no mail server is set up,
    so is everybody."""

    def __init__(self, mailer: Mailer, public_url: str) -> None:
        self._mailer, self._url = mailer, public_url.rstrip("/")

    async def __call__(self, events: Sequence[PromiseShifted], delivery: Delivery) -> None:
        """One mail an event; wired to get one at a time."""
        for event, event_id in zip(events, delivery.event_ids, strict=True):
            if event.first and event.state != Confidence.KEPT:
                await self._tell(event, event_id, delivery)

    async def _tell(self, event: PromiseShifted, event_id: UUID, delivery: Delivery) -> None:
        async with delivery.db.reading() as tx:
            try:
                order = await orders.load_order(tx, event.order_id)
                owner = await identity.party(tx, order.owner_id)
            except (NoSuchOrder, NoSuchParty):
                return
        recipient = order.email or owner.email
        if recipient is None or order.state in orders.TERMINAL:
            return
        link = f"{self._url}/orders/{order.order_id}"
        number = orders.number(order.order_id)
        mail = notice(recipient, owner.locale, event.state, event.expected_on, number, link, str(event_id))
        try:
            await self._mailer.send(mail)
        except MailNotConfigured:
            log.info("promises.not_mailed", order_id=str(event.order_id), state=event.state)
