"""The words of a booked visit, for its mail and the calendar; and the mail that confirms it. Each is sent once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog

from halles.identity import api as identity
from halles.identity.types import Mail, Mailer, MailNotConfigured, NoSuchParty
from halles.journeys.promise_keeping.notices import day_text
from halles.journeys.welcoming.calendar import visit_ics
from halles.journeys.welcoming.words import text_of
from halles.kernel.letters import letter
from halles.kernel.relay import Delivery
from halles.places import api as places
from halles.places.types import Place
from halles.welcome import api as welcome
from halles.welcome.types import Booking, BookingState, Terms, VisitBooked

log = structlog.get_logger("halles.welcome")

_WORDS = {
    "en": {
        "title": "Visit: {place}",
        "subject": "Your visit to {place}, {day} at {clock}",
        "lead": "You booked a visit for {size} to {place}: {day}, {clock} to {until} (local time).",
        "code": "Show this code at the door: {code}",
        "grace": "Please come by {by}; after that your places are free for others.",
        "rules": "On site:",
        "rest": "Change of plans? Cancel here: {link}",
    },
    "fr": {
        "title": "Visite : {place}",
        "subject": "Votre visite chez {place}, {day} à {clock}",
        "lead": "Vous avez réservé une visite pour {size} chez {place} : {day}, de {clock} à {until} (heure locale).",
        "code": "Montrez ce code à l’entrée : {code}",
        "grace": "Venez avant {by} ; passé cette heure, vos places sont libres pour d’autres.",
        "rules": "Sur place :",
        "rest": "Un empêchement ? Annulez ici : {link}",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A booked visit in words. `lines`: paragraphs; `text`: the same as one."""

    title: str
    subject: str
    where: str
    lines: list[str]
    link: str

    @property
    def text(self) -> str:
        return "\n\n".join(self.lines)


def describe(booking: Booking, place: Place, terms: Terms, language: str, public_url: str) -> Told:
    """What the owner of a booking is told, in the place's local time."""
    language = language if language in _WORDS else "en"
    words, zone = _WORDS[language], ZoneInfo(place.timezone)
    starts, ends = booking.starts_at.astimezone(zone), booking.ends_at.astimezone(zone)
    by = starts.timestamp() + terms.grace_min * 60
    link = f"{public_url.rstrip('/')}/place/{place.code}"
    facts = {
        "place": place.name,
        "day": day_text(starts.date(), language),
        "clock": f"{starts:%H:%M}",
        "until": f"{ends:%H:%M}",
        "by": f"{starts.fromtimestamp(by, zone):%H:%M}",
        "size": booking.size,
        "code": booking.code,
        "link": link,
    }
    rules = [text_of(rule)[0 if language == "fr" else 1] for rule in terms.rules]
    lines = [words["lead"].format(**facts), words["code"].format(**facts), words["grace"].format(**facts)]
    if rules:
        lines.append("\n".join([words["rules"], *(f"– {rule}" for rule in rules)]))
    lines.append(words["rest"].format(**facts))
    address = ", ".join(part for part in (place.line1, place.postcode, place.city) if part)
    return Told(
        title=words["title"].format(**facts),
        subject=words["subject"].format(**facts),
        where=f"{place.name}, {address}",
        lines=lines,
        link=link,
    )


def confirmation(told: Told, recipient: str, language: str, calendar: str, message_id: str) -> Mail:
    """The mail of a booking, with the visit for the reader's calendar."""
    return Mail(
        message_id=message_id,
        recipient=recipient,
        subject=told.subject,
        text=told.text + "\n",
        html=letter(language, told.lines),
        calendar=calendar,
    )


class ConfirmVisit:
    """The reaction to VisitBooked. Who gave no address keeps the booking on their phone alone."""

    def __init__(self, mailer: Mailer, public_url: str) -> None:
        self._mailer, self._url = mailer, public_url

    async def __call__(self, events: Sequence[VisitBooked], delivery: Delivery) -> None:
        """One mail an event; wired to get one at a time."""
        for event, event_id in zip(events, delivery.event_ids, strict=True):
            mail = await self._mail(event, str(event_id), delivery)
            if mail is None:
                continue
            try:
                await self._mailer.send(mail)
            except MailNotConfigured:
                log.info("welcome.not_mailed", booking_id=str(event.booking_id))

    async def _mail(self, event: VisitBooked, message_id: str, delivery: Delivery) -> Mail | None:
        async with delivery.db.reading() as tx:
            booking = await welcome.bookings.find_booking(tx, event.seller_id, event.booking_id)
            if booking is None or booking.party_id is None or booking.state != BookingState.BOOKED:
                return None
            try:
                owner = await identity.party(tx, booking.party_id)
            except NoSuchParty:
                return None
            if owner.email is None:
                return None
            place = await places.place(tx, booking.place_id)
            terms = await welcome.terms(tx, booking.seller_id, booking.place_id) or Terms()
        told = describe(booking, place, terms, owner.locale, self._url)
        host = urlsplit(self._url).hostname or "halles.invalid"
        calendar = visit_ics(
            booking, summary=told.title, where=told.where, text=told.text, url=told.link, host=host
        )
        return confirmation(told, owner.email, owner.locale, calendar, message_id)
