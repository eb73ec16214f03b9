"""The messages between Halles and a gateway, and their signatures. Pure. Told in docs/howto/shelf-labels.md.

Every message is JSON with `mac`: HMAC-SHA-256 (RFC 2104) with the gateway's key over what it says and the topic it is on, so that
nothing can be moved to another gateway, label or purpose. A content holds a number that nobody can guess: whoever was not given
it cannot know its hash.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from halles.shelf_labels.types import Acknowledgement, BadMessage, Content

ROOT = "halles-labels"
MOST_BYTES = 8192
"""The longest message that is read."""

_json = msgspec.json.Encoder(order="sorted")


class _Ack(msgspec.Struct, forbid_unknown_fields=False):
    label: str
    version: int
    hash: str
    mac: str


class _Hello(msgspec.Struct, forbid_unknown_fields=False):
    at_ms: int
    mac: str


class _Set(msgspec.Struct, forbid_unknown_fields=False):
    body: str
    mac: str


def topic(seller_id: int, gateway_id: str, what: str) -> str:
    """`what`: `set/<label>` and `told` to the gateway, `ack` and `hello` from it."""
    return f"{ROOT}/{seller_id}/{gateway_id}/{what}"


def read_topic(text: str) -> tuple[int, str, str]:
    """Seller, gateway and purpose. Raises BadMessage."""
    parts = text.split("/", 3)
    if len(parts) != 4 or parts[0] != ROOT or not (parts[1].isascii() and parts[1].isdigit()):
        raise BadMessage("This topic is none of a gateway.", topic=text[:100])
    return int(parts[1][:19]), parts[2], parts[3]


def body_of(label_code: str, version: int, nonce: str, content: Content) -> str:
    """The content as the bytes that are hashed: JSON with sorted keys, so that equal contents are equal bytes."""
    return _json.encode(
        {"label": label_code, "version": version, "nonce": nonce, "content": content}
    ).decode()


def hash_of(body: str) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()


def signed(key: bytes, on_topic: str, said: str) -> str:
    """The signature of what is said on a topic, hexadecimal."""
    return hmac.new(key, f"{on_topic}\n{said}".encode(), hashlib.sha256).hexdigest()


def set_message(key: bytes, on_topic: str, body: str) -> bytes:
    return _json.encode({"body": body, "mac": signed(key, on_topic, body)})


def read_set(key: bytes, on_topic: str, payload: bytes) -> tuple[str, Mapping[str, Any]]:
    """What a gateway does with a message on `set/…`: the body and what it says. Raises BadMessage, also for a wrong signature."""
    message = _read(payload, _Set)
    if not hmac.compare_digest(signed(key, on_topic, message.body), message.mac):
        raise BadMessage("The signature does not fit.")
    return message.body, _read(message.body.encode(), dict[str, Any])


def ack_message(key: bytes, on_topic: str, label: str, version: int, content_hash: str) -> bytes:
    """What a gateway answers when a label shows a content."""
    mac = signed(key, on_topic, f"{label}\n{version}\n{content_hash}")
    return _json.encode({"label": label, "version": version, "hash": content_hash, "mac": mac})


def read_ack(payload: bytes) -> Acknowledgement:
    """Raises BadMessage."""
    ack = _read(payload, _Ack)
    if not 0 < ack.version < 2**62 or len(ack.label) > 40 or len(ack.hash) != 64:
        raise BadMessage("This is no acknowledgement.")
    return Acknowledgement(label=ack.label, version=ack.version, hash=ack.hash, mac=ack.mac)


def proved(key: bytes, on_topic: str, ack: Acknowledgement) -> bool:
    """Whether whoever holds the key said it."""
    return hmac.compare_digest(
        signed(key, on_topic, f"{ack.label}\n{ack.version}\n{ack.hash}").encode(), ack.mac.encode()
    )


def hello_message(key: bytes, on_topic: str, at_ms: int) -> bytes:
    """What a gateway says when it comes back, to be sent what it missed."""
    return _json.encode({"at_ms": at_ms, "mac": signed(key, on_topic, str(at_ms))})


def read_hello(key: bytes, on_topic: str, payload: bytes, now_ms: int) -> bool:
    """Whether it is signed and not older than five minutes. Raises BadMessage."""
    hello = _read(payload, _Hello)
    fresh = abs(now_ms - hello.at_ms) <= 300_000
    return fresh and hmac.compare_digest(signed(key, on_topic, str(hello.at_ms)).encode(), hello.mac.encode())


def told_message(key: bytes, on_topic: str, label: str, version: int, reason: str) -> bytes:
    """What Halles tells a gateway whose acknowledgement it refuses."""
    mac = signed(key, on_topic, f"{label}\n{version}\n{reason}")
    return _json.encode({"label": label, "version": version, "reason": reason, "mac": mac})


def _read(payload: bytes, into: Any) -> Any:
    if len(payload) > MOST_BYTES:
        raise BadMessage("This message is too long.")
    try:
        return msgspec.json.decode(payload, type=into)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadMessage("This message cannot be read.") from error
