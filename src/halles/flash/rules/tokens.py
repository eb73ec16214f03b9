"""Tickets, admissions and challenges as texts that only this deployment can have written. Pure: the key is passed.

Layouts, before Base64 (URL-safe, without padding), all numbers big-endian, each followed by a keyed BLAKE2b of 16 bytes that also
covers what the text is for: an admission is sale (16) owner (8) until (4); a ticket sale (16) person (12) number (8) joined (4)
claimed (4, 0 none) owner (8); a challenge sale (16) person (12) bits (1) until (4).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from hmac import compare_digest
from struct import Struct
from uuid import UUID

from halles.flash.types import Admission, Ticket

_MAC = 16
_ADMISSION = Struct(">16sQI")
_TICKET = Struct(">16s12sQIIQ")
_CHALLENGE = Struct(">16s12sBI")


def mark_of(person: str) -> str:
    """A short name of a person that tells nothing about them: 12 bytes, in hexadecimal."""
    return _person(person).hex()


def sign_admission(key: bytes, admission: Admission) -> str:
    """60 characters."""
    return _sign(
        key, b"admission", _ADMISSION.pack(admission.sale_id.bytes, admission.owner_id, admission.until_s)
    )


def read_admission(key: bytes, token: str | None) -> Admission | None:
    """What a token says, or None when it is not one of ours. Says nothing of whether it is still good. About 3 µs."""
    body = _open(key, b"admission", token, _ADMISSION.size)
    if body is None:
        return None
    sale, owner_id, until_s = _ADMISSION.unpack(body)
    return Admission(sale_id=UUID(bytes=sale), owner_id=owner_id, until_s=until_s)


def sign_ticket(key: bytes, ticket: Ticket) -> str:
    """The cookie of a ticket."""
    body = _TICKET.pack(
        ticket.sale_id.bytes,
        _person(ticket.person),
        ticket.number,
        ticket.joined_s,
        ticket.claimed_s or 0,
        ticket.owner_id,
    )
    return _sign(key, b"ticket", body)


def read_ticket(key: bytes, text: str | None, sale_id: UUID, people: tuple[str, ...]) -> Ticket | None:
    """The ticket in a cookie, if it is ours, of this sale and of one of `people`."""
    body = _open(key, b"ticket", text, _TICKET.size)
    if body is None:
        return None
    sale, mark, number, joined_s, claimed_s, owner_id = _TICKET.unpack(body)
    if sale != sale_id.bytes:
        return None
    for person in people:
        if _person(person) == mark:
            return Ticket(
                sale_id=sale_id,
                person=person,
                number=number,
                joined_s=joined_s,
                claimed_s=claimed_s or None,
                owner_id=owner_id,
            )
    return None


def make_challenge(key: bytes, sale_id: UUID, person: str, bits: int, until_s: int) -> str:
    """A challenge that one person must solve by `until_s` (Unix s)."""
    return _sign(key, b"challenge", _CHALLENGE.pack(sale_id.bytes, _person(person), bits, until_s))


def solved(key: bytes, sale_id: UUID, person: str, challenge: str, nonce: str, now_s: float) -> int | None:
    """The bits of a challenge that was ours, this person's, in time, and is solved by `nonce`; else None."""
    body = _open(key, b"challenge", challenge, _CHALLENGE.size)
    if body is None:
        return None
    sale, mark, bits, until_s = _CHALLENGE.unpack(body)
    if sale != sale_id.bytes or mark != _person(person) or now_s > until_s:
        return None
    return bits if zero_bits(f"{challenge}:{nonce}") >= bits else None


def zero_bits(text: str) -> int:
    """Leading zero bits of the SHA-256 of a text."""
    return 256 - int.from_bytes(hashlib.sha256(text.encode()).digest(), "big").bit_length()


def _person(person: str) -> bytes:
    return hashlib.blake2b(person.encode(), digest_size=12, person=b"halles.flash").digest()


def _sign(key: bytes, purpose: bytes, body: bytes) -> str:
    mac = hashlib.blake2b(body, key=key, digest_size=_MAC, person=purpose).digest()
    return base64.urlsafe_b64encode(body + mac).rstrip(b"=").decode()


def _open(key: bytes, purpose: bytes, text: str | None, size: int) -> bytes | None:
    length = -(-(size + _MAC) * 4 // 3)
    if text is None or len(text) != length:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-length % 4))
    except (binascii.Error, ValueError):
        return None
    if (
        base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text
    ):  # the last letter has bits that say nothing
        return None
    body, mac = raw[:size], raw[size:]
    if not compare_digest(mac, hashlib.blake2b(body, key=key, digest_size=_MAC, person=purpose).digest()):
        return None
    return body
