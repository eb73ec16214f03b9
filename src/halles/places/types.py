"""All that crosses the border of places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from halles.kernel.errors import Conflict, Invalid, NotFound

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEB = "web"
"""The touchpoint of whoever comes without a code."""


class PlaceKind(StrEnum):
    """A showroom has samples and no stock; a store has both."""

    SHOWROOM = "showroom"
    STORE = "store"


class TouchpointKind(StrEnum):
    PHOTO = "photo"
    QR = "qr"
    POSTER = "poster"
    WEB = "web"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceDraft:
    """A place as head office describes it. `opening_hours`: by weekday (`mon` …), spans of local time; an absent day is closed.
    `label_currency`: the second currency on labels. `capacity`: people at once. Latitude and longitude in degrees, WGS 84."""

    code: str
    name: str
    kind: str
    city: str
    country: str
    timezone: str
    currency: str
    line1: str | None = None
    postcode: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    opening_hours: dict[str, list[list[str]]]
    label_currency: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of a seller; the fields mean what they mean in its draft."""

    seller_id: int
    place_id: int
    code: str
    name: str
    kind: str
    line1: str | None
    postcode: str | None
    city: str
    country: str
    latitude: float | None
    longitude: float | None
    timezone: str
    opening_hours: dict[str, list[list[str]]]
    currency: str
    label_currency: str | None
    capacity: int | None
    version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Touchpoint:
    """Where a shopper came from. The place's fields are None for a touchpoint without a place (the web)."""

    seller_id: int
    touchpoint_id: int
    code: str
    kind: str
    place_id: int | None
    place_code: str | None
    place_name: str | None
    place_kind: str | None
    city: str | None
    country: str | None
    currency: str | None
    label_currency: str | None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One piece on display. `variant_id` None: it stands for the product in every variant. `code` is on its label."""

    seller_id: int
    sample_id: int
    place_id: int
    product_id: UUID
    variant_id: int | None
    code: str
    position: str
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSample:
    """A piece that is or was on display, and when. `removed_at` None: it still is."""

    sample_id: int
    product_id: UUID
    code: str
    position: str
    placed_at: datetime
    removed_at: datetime | None


class UnknownPlace(NotFound):
    """No place has this id."""

    code, title = "places.unknown_place", "No such place"


class UnknownTouchpoint(NotFound):
    """No touchpoint has this code."""

    code, title = "places.unknown_touchpoint", "No such touchpoint"


class UnknownSample(NotFound):
    """No sample has this id."""

    code, title = "places.unknown_sample", "No such sample"


class PlaceCodeTaken(Conflict):
    """Another place of this seller has the code."""

    code, title = "places.code_taken", "This code is taken"


class TouchpointCodeTaken(Conflict):
    """Another touchpoint has the code."""

    code, title = "places.touchpoint_code_taken", "This touchpoint code is taken"


class PlaceChangedMeanwhile(Conflict):
    """Somebody else changed the place since it was read."""

    status = 412
    code, title = "places.place_changed_meanwhile", "Changed meanwhile"


class BadPlace(Invalid):
    """A place that cannot be: an unknown timezone, hours that end before they begin."""

    code, title = "places.bad_place", "Not a place"
