"""What phones and the console are told about shops that are carried offline."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from halles.kernel.web import Model

_BUNDLE = "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10"
_DIGEST = "5f1c0c1f0a9a1b7f0e2ddc0f8b7a6c5d4e3f2a1b5f1c0c1f0a9a1b7f0e2ddc0f"
_OFFER = (
    '{"price":{"minor":12900,"currency":"EUR"},"available":"few","left":3,"until":null,"promise":"w:0f.0"}'
)


class ShopAbout(Model):
    """What carrying this shop means: the newest version, products in it and left out, bytes to fetch (zipped) and to keep."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "bundle": _BUNDLE,
                    "version": 14,
                    "products": 300,
                    "left_out": 0,
                    "bytes_zipped": 61_250,
                    "bytes": 612_040,
                    "honour_hours": 24,
                }
            ]
        }
    )
    bundle: UUID
    version: int
    products: int
    left_out: int
    bytes_zipped: int
    bytes: int
    honour_hours: int


class ShopSnapshot(Model):
    """A whole version. `entries`: JSON texts by key (`p:` products, `v:` offers of variants, `w:` promises, `c:` categories, `s:`
    samples, `a:` the showroom). `digest`: SHA-256, in hexadecimal, of the lines `key`, tab, text, sorted by key."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "bundle": _BUNDLE,
                    "version": 14,
                    "digest": _DIGEST,
                    "products": 1,
                    "left_out": 0,
                    "entries": {"v:17": _OFFER},
                }
            ]
        }
    )
    bundle: UUID
    version: int
    digest: str
    products: int
    left_out: int
    entries: dict[str, str]


class ShopDelta(Model):
    """What turns the phone's version into the newest; null: that part is gone. `read_at`: the moment at which the shop was like
    this. `now`: the server's clock. `quote`: goes with orders made of these prices, which are honoured for `honour_hours`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "bundle": _BUNDLE,
                    "version": 15,
                    "digest": _DIGEST,
                    "left_out": 0,
                    "read_at": "2026-11-21T10:00:00Z",
                    "now": "2026-11-21T10:00:12Z",
                    "honour_hours": 24,
                    "quote": "2.EUR.FR.1795255200000.Vr0b1pL3y2Qk3m9x0aZcWg",
                    "entries": {"v:17": _OFFER, "v:18": None},
                }
            ]
        }
    )
    bundle: UUID
    version: int
    digest: str
    left_out: int
    read_at: datetime
    now: datetime
    honour_hours: int
    quote: str
    entries: dict[str, str | None]


class TermsModel(Model):
    """A price that a phone showed is honoured for `honour_hours` after the phone had it; what phones had before `not_before` is
    not (null: there is no such moment)."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"honour_hours": 24, "not_before": "2026-11-21T10:00:00Z"}]}
    )
    honour_hours: int = Field(ge=0, le=168)
    not_before: datetime | None


class OfflineTermsEdit(Model):
    """`call_back`: stop honouring everything that phones have until now. It cannot be taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"honour_hours": 24, "call_back": False}]})
    honour_hours: int = Field(ge=0, le=168)
    call_back: bool = False
