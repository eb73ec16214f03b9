"""GS1 EPCIS 2.0 events as scans: the business step and disposition of the Core Business Vocabulary (CBV 2.0, 7.1 and 7.2) say
what happened. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from halles.kernel.ids import derived_uuid
from halles.promises.api import Told
from halles.promises.types import BadTracking, TrackingCode

STEPS: Mapping[str, TrackingCode] = {
    "packing": TrackingCode.PACKED,
    "shipping": TrackingCode.HANDED_OVER,
    "departing": TrackingCode.DEPARTED,
    "transporting": TrackingCode.DEPARTED,
    "arriving": TrackingCode.ARRIVED,
    "inspecting": TrackingCode.CUSTOMS_IN,
    "holding": TrackingCode.CUSTOMS_HELD,
    "accepting": TrackingCode.CUSTOMS_RELEASED,
    "receiving": TrackingCode.AT_HUB,
    "storing": TrackingCode.AT_HUB,
    "staging_outbound": TrackingCode.LEFT_HUB,
    "loading": TrackingCode.OUT_FOR_DELIVERY,
    "unloading": TrackingCode.ARRIVED,
    "collecting": TrackingCode.HANDED_OVER,
    "retail_selling": TrackingCode.DELIVERED,
}
"""Business step → what it says of a parcel."""
DISPOSITIONS: Mapping[str, TrackingCode] = {
    "damaged": TrackingCode.DAMAGED,
    "stolen": TrackingCode.LOST,
    "unknown": TrackingCode.LOST,
    "returned": TrackingCode.RETURNED,
    "retail_sold": TrackingCode.DELIVERED,
}
"""Dispositions that say more than the step."""


class _ReadPoint(BaseModel):
    id: str = ""


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: str
    eventTime: AwareDatetime  # noqa: N815  the standard's own names
    eventID: str = Field(min_length=1, max_length=300)  # noqa: N815
    bizStep: str = ""  # noqa: N815
    disposition: str = ""
    readPoint: _ReadPoint = _ReadPoint()  # noqa: N815


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")
    eventList: list[_Event] = Field(min_length=1, max_length=100)  # noqa: N815


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore")
    epcisBody: _Body  # noqa: N815


def read_document(body: Any) -> list[Told]:
    """The events of an EPCISDocument. Raises BadTracking with the first thing that is wrong."""
    try:
        found = _Document.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadTracking(f"Not an EPCIS 2.0 document: {where}: {first['msg']}", field=where) from error
    return [_told(event) for event in found.epcisBody.eventList]


def _told(event: _Event) -> Told:
    step, disposition = _word(event.bizStep), _word(event.disposition)
    code = DISPOSITIONS.get(disposition) or STEPS.get(step)
    if code is None:
        text = f"The business step {step or 'none'!r} says nothing of a parcel."
        raise BadTracking(text, field="bizStep", event_id=event.eventID)
    return Told(event_id=_id(event.eventID), code=code, at=event.eventTime, place=event.readPoint.id[:120])


def _word(text: str) -> str:
    """`shipping` of `shipping`, `cbv:BizStep-shipping`, `urn:epcglobal:cbv:bizstep:shipping`, `https://ref.gs1.org/cbv/BizStep-shipping`."""
    return text.rpartition("/")[2].rpartition(":")[2].rpartition("-")[2]


def _id(text: str) -> UUID:
    """The id in `urn:uuid:…`; of any other, an id made of it."""
    try:
        return UUID(text.removeprefix("urn:uuid:"))
    except ValueError:
        return derived_uuid("epcis.event", text)
