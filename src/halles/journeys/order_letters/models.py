"""Mails about orders as the console shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, field_validator, model_validator

from halles.kernel.web import Model
from halles.letters.types import NO_CAUSE, WITHDRAWAL_DAYS

Optional = Literal["shipped", "ready", "delivered", "cancelled", "refunded"]
Word = Literal["confirmation", "shipped", "ready", "delivered", "cancelled", "refunded"]
Legal = Annotated[str, Field(max_length=2000)]
Withdrawal = Annotated[str, Field(max_length=4000)]


class MailTerms(Model):
    """What the mails of a seller say. `off`: kinds that are not sent; the confirmation always is. `legal`: who sells, as the law
    wants it named. `withdrawal_fr`, `withdrawal_en`: in the place of the usual words; empty: those. `version`: as it was read."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "off": ["delivered"],
                    "legal": "Maison Exemple, 1 rue d’Exemple, 75001 Paris",
                    "withdrawal_days": 30,
                    "withdrawal_fr": "",
                    "withdrawal_en": "",
                    "version": 1,
                }
            ]
        }
    )
    off: list[Optional] = Field(max_length=5)
    legal: Legal = ""
    withdrawal_days: int = Field(default=WITHDRAWAL_DAYS, ge=WITHDRAWAL_DAYS, le=365)
    withdrawal_fr: Withdrawal = ""
    withdrawal_en: Withdrawal = ""
    version: int = Field(ge=0, le=2**31 - 1)

    @field_validator("legal", "withdrawal_fr", "withdrawal_en")
    @classmethod
    def _readable(cls, value: str) -> str:
        if any(not (mark.isprintable() or mark in "\r\n\t") for mark in value):
            raise ValueError("a text without control characters")
        return value.replace("\r\n", "\n").strip()


class ParkedLetter(Model):
    """A mail that could not be sent. `why`: `unavailable` (the mail server never took it), `refused` (it knows no such address)
    or `broken` (a fault of ours, which the log tells)."""

    order_id: UUID
    number: str = Field(examples=["H-FNGD-8AS0"])
    kind: Word
    cause: UUID
    why: str = Field(examples=["refused"])
    since: datetime


class OrderMails(Model):
    """`configured` False: there is no mail server, and no mail is sent. `waiting`: mails that are due. `parked`: the first
    hundred."""

    configured: bool
    waiting: int
    parked: list[ParkedLetter]
    terms: MailTerms


class RetryAsked(Model):
    """Which parked mail to try again; without an order: all of the seller's."""

    order_id: UUID | None = None
    kind: Word | None = None
    cause: UUID = NO_CAUSE

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.order_id is None) != (self.kind is None):
            raise ValueError("name the order and the kind, or neither")
        return self


class RetriedModel(Model):
    """How many mails are due again."""

    retried: int
