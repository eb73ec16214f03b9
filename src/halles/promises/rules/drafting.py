"""Whether a lane can be travelled on, and where its clocks stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import time
from zoneinfo import ZoneInfo

from halles.promises.rules.transit import learned, likely_of, prior
from halles.promises.types import LEG_ORDER, WORKING_WEEK, BadLane, Lane, LaneDraft, Leg, LegDraft, LegKind

_COUNTRY = re.compile(r"[A-Z]{2}")
MOST_DAYS = 90

_ZONES = """
AE Asia/Dubai AR America/Argentina/Buenos_Aires AT Europe/Vienna AU Australia/Sydney BD Asia/Dhaka BE Europe/Brussels BG
Europe/Sofia BR America/Sao_Paulo CA America/Toronto CH Europe/Zurich CL America/Santiago CN Asia/Shanghai CO
America/Bogota CY Asia/Nicosia CZ Europe/Prague DE Europe/Berlin DK Europe/Copenhagen EE Europe/Tallinn EG Africa/Cairo
ES Europe/Madrid FI Europe/Helsinki FR Europe/Paris GB Europe/London GR Europe/Athens HK Asia/Hong_Kong HR Europe/Zagreb
HU Europe/Budapest ID Asia/Jakarta IE Europe/Dublin IL Asia/Jerusalem IN Asia/Kolkata IS Atlantic/Reykjavik IT
Europe/Rome JP Asia/Tokyo KE Africa/Nairobi KR Asia/Seoul LT Europe/Vilnius LU Europe/Luxembourg LV Europe/Riga MA
Africa/Casablanca MC Europe/Monaco MT Europe/Malta MX America/Mexico_City MY Asia/Kuala_Lumpur NG Africa/Lagos NL
Europe/Amsterdam NO Europe/Oslo NZ Pacific/Auckland PE America/Lima PH Asia/Manila PK Asia/Karachi PL Europe/Warsaw PT
Europe/Lisbon RO Europe/Bucharest RS Europe/Belgrade RU Europe/Moscow SA Asia/Riyadh SE Europe/Stockholm SG
Asia/Singapore SI Europe/Ljubljana SK Europe/Bratislava TH Asia/Bangkok TN Africa/Tunis TR Europe/Istanbul TW
Asia/Taipei UA Europe/Kyiv US America/New_York VN Asia/Ho_Chi_Minh WS Pacific/Apia ZA Africa/Johannesburg
"""
_ZONE_OF: dict[str, str] = dict(zip(_ZONES.split()[::2], _ZONES.split()[1::2], strict=True))


def zone_of(country: str, otherwise: str = "UTC") -> str:
    """The time zone of a country's capital, or of its largest city where most people live in another zone."""
    return _ZONE_OF.get(country, otherwise)


def checked(draft: LaneDraft) -> LaneDraft:
    """The draft, when something could travel on it. Raises BadLane, which names the field."""
    for field in ("origin_country", "country"):
        if not _COUNTRY.fullmatch(getattr(draft, field)):
            raise BadLane("A country is two capital letters (ISO 3166-1).", field=field)
    if not draft.origin.strip():
        raise BadLane("Say where the goods leave from.", field="origin")
    if not 0.5 <= draft.quantile <= 0.999:
        raise BadLane("A promise is meant to be kept between 50 % and 99.9 % of the time.", field="quantile")
    _check_order(draft.legs)
    for leg in draft.legs:
        _check_leg(leg)
    if draft.legs[0].cutoff is None:
        raise BadLane("Say until when an order leaves the same day.", field="cutoff")
    return draft


def _check_order(legs: Sequence[LegDraft]) -> None:
    kinds = [LEG_ORDER.index(leg.kind) for leg in legs]
    if kinds != sorted(set(kinds)):
        raise BadLane(f"A lane has each leg once, in this order: {', '.join(LEG_ORDER)}.", field="legs")
    if not legs or legs[0].kind is not LegKind.PICK_PACK or legs[-1].kind is not LegKind.LAST_MILE:
        raise BadLane("A lane begins with pick_pack and ends with last_mile.", field="legs")


def _check_leg(leg: LegDraft) -> None:
    if not 0 <= leg.earliest_days <= leg.likely_days <= leg.latest_days <= MOST_DAYS:
        text = f"Days of {leg.kind}: at least <= likely <= at most <= {MOST_DAYS}."
        raise BadLane(text, field=f"{leg.kind}.days")
    if leg.weekdays is not None and not 1 <= leg.weekdays <= 127:
        raise BadLane(f"{leg.kind} works on no day of the week.", field=f"{leg.kind}.weekdays")
    if leg.timezone and not is_zone(leg.timezone):
        raise BadLane(f"{leg.timezone!r} is no time zone.", field=f"{leg.kind}.timezone")


def is_zone(name: str) -> bool:
    """Whether the time zone database knows it."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def make_leg(
    kind: LegKind,
    said: Sequence[int],
    seen: Mapping[int, int],
    *,
    origin: tuple[str, str],
    country: str,
    timezone: str,
    carrier: tuple[int, str] = (0, ""),
    hub: tuple[str, str] = ("", ""),
    cutoff: time | None = None,
    weekdays: int = WORKING_WEEK,
    held_days: int = 4,
) -> Leg:
    """A leg as quotes use it. `said`: at least, most likely, at most; `seen`: parcels by days. `origin`: name and country;
    `carrier`: id and name; `hub`: name and country. Where it passes decides whose holidays count and who answers for it."""
    name, from_country = origin
    countries, owner = {
        LegKind.PICK_PACK: ((from_country,), name),
        LegKind.LINE_HAUL: ((from_country, country), carrier[1]),
        LegKind.CUSTOMS: ((country,), f"customs {country}"),
        LegKind.HUB: ((hub[1] or country,), hub[0] or "hub"),
        LegKind.LAST_MILE: ((country,), carrier[1]),
    }[kind]
    days = learned(prior(*said), seen)
    return Leg(
        kind=kind,
        days=days,
        likely=likely_of(days) if seen else said[1],
        timezone=timezone,
        countries=tuple(dict.fromkeys(countries)),
        weekdays=weekdays,
        carrier_id=carrier[0],
        owner=owner or "carrier",
        cutoff=cutoff,
        held_days=held_days,
    )


def lane_of(draft: LaneDraft) -> Lane:
    """A lane as it was written, without any shop: for a backtest from files. Raises BadLane."""
    first = checked(draft).legs[0]
    assert first.cutoff is not None
    legs = tuple(
        make_leg(
            leg.kind,
            (leg.earliest_days, leg.likely_days, leg.latest_days),
            {},
            origin=(draft.origin, draft.origin_country),
            country=draft.country,
            timezone=leg.timezone or zone_at(draft, leg),
            carrier=(0, leg.carrier),
            hub=(leg.hub, ""),
            cutoff=leg.cutoff,
            weekdays=leg.weekdays or WORKING_WEEK,
        )
        for leg in draft.legs
    )
    return Lane(
        lane_id=0,
        seller_id=0,
        lane=draft.lane,
        origin=draft.origin,
        origin_country=draft.origin_country,
        location_id=draft.location_id,
        country=draft.country,
        transit_days=0,
        spread_days=0,
        cutoff=first.cutoff,
        timezone=legs[0].timezone,
        carrier=draft.legs[-1].carrier,
        legs=legs,
        quantile=draft.quantile,
        active=draft.active,
    )


def zone_at(draft: LaneDraft, leg: LegDraft) -> str:
    """The time zone of a leg that names none."""
    at_origin = leg.kind in {LegKind.PICK_PACK, LegKind.LINE_HAUL}
    return zone_of(draft.origin_country if at_origin else draft.country)
