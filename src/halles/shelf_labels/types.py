"""All that crosses the border of shelf labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from halles.kernel.errors import Conflict, Invalid, NotFound

Content = Mapping[str, Any]
"""What a label shows, as JSON: texts ready to be drawn, and the amounts that they tell."""


class LabelState(StrEnum):
    """`empty`: nothing was computed for it yet. `sending`: within the time it has to confirm. `unconfirmed`: past it, what it
    shows is not known. `confirmed`: its gateway proved that it shows what it should."""

    EMPTY = "empty"
    SENDING = "sending"
    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"


class Verdict(StrEnum):
    """What became of an acknowledgement. The last six are refusals."""

    CONFIRMED = "confirmed"
    REPEATED = "repeated"
    OUTDATED = "outdated"
    FORGED = "forged"
    UNREADABLE = "unreadable"
    UNKNOWN_LABEL = "unknown_label"
    NOT_ITS_LABEL = "not_its_label"
    NEVER_SENT = "never_sent"
    WRONG_CONTENT = "wrong_content"

    @property
    def refused(self) -> bool:
        return self not in {Verdict.CONFIRMED, Verdict.REPEATED, Verdict.OUTDATED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A radio that labels of a place hang on. `heard_at`: its last message with a right signature; None: none ever."""

    seller_id: int
    gateway_id: str
    place_id: int
    name: str
    key_sealed: str
    heard_at: datetime | None
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelDraft:
    """Which label hangs where, for which article. `label_code`: what is printed on the device."""

    label_code: str
    gateway_id: str
    product_id: UUID
    variant_id: int
    position: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfLabel:
    """A label. `version`: what it should show, since `desired_at`; `confirmed_version`: the last that was proved, 0: none."""

    seller_id: int
    label_code: str
    gateway_id: str
    place_id: int
    product_id: UUID
    variant_id: int
    position: str
    version: int
    content: dict[str, Any] | None
    hash: str | None
    desired_at: datetime | None
    attempts: int
    send_at: datetime | None
    sent_at: datetime | None
    confirmed_version: int
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentContent:
    """A content that was wanted of a label. `body`: the bytes whose SHA-256 is `hash`. `sent_at` None: not sent yet."""

    seller_id: int
    label_code: str
    version: int
    gateway_id: str
    hash: str
    body: str
    made_at: datetime
    sent_at: datetime | None
    confirmed_at: datetime | None
    confirmed_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A content on its way to a gateway."""

    seller_id: int
    gateway_id: str
    label_code: str
    version: int
    body: str
    key_sealed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What a gateway says that a label shows now. `mac`: its signature, hexadecimal."""

    label: str
    version: int
    hash: str
    mac: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalCount:
    """How often a gateway was refused for a reason. `label_code` empty: a label of nobody."""

    seller_id: int
    gateway_id: str
    reason: str
    label_code: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message from the broker. `retained`: it was kept from before; when it was said is not known."""

    topic: str
    payload: bytes
    retained: bool


class Inbox(Protocol):
    """What was heard and not yet taken."""

    async def get(self) -> Heard:
        """The next; waits for one."""
        ...


class LabelWire(Protocol):
    """A connection to the broker that labels hang on."""

    @property
    def heard(self) -> Inbox: ...

    @property
    def connected(self) -> bool: ...

    async def send(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Whether the broker took it."""
        ...


class UnknownGateway(NotFound):
    """The seller has no such gateway."""

    code, title = "shelf_labels.unknown_gateway", "No such label gateway"


class UnknownLabel(NotFound):
    """The seller has no such shelf label."""

    code, title = "shelf_labels.unknown_label", "No such shelf label"


class GatewayTaken(Conflict):
    """A gateway of this name is there already."""

    code, title = "shelf_labels.gateway_taken", "This gateway is there already"


class BadName(Invalid):
    """A name of a gateway or label that could not stand in a topic."""

    code, title = "shelf_labels.bad_name", "Not a name for a gateway or label"


class BadMessage(Invalid):
    """Bytes from the broker that are no message of a gateway."""

    code, title = "shelf_labels.bad_message", "Not a message of a label gateway"
