"""A program that behaves as a third party's label gateway does: for demonstrations and tests, no part of a shop.

It knows its key and the messages of docs/howto/shelf-labels.md, nothing else of Halles, and can be told to misbehave.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from halles.shelf_labels.adapters.mqtt import linked
from halles.shelf_labels.rules import messages
from halles.shelf_labels.types import BadMessage, Heard


class Manner(StrEnum):
    """How a simulated gateway behaves."""

    HONEST = "honest"
    SILENT = "silent"
    WRONG_HASH = "wrong-hash"
    OTHER_LABEL = "other-label"
    UNSIGNED = "unsigned"
    TWICE = "twice"


@dataclass(slots=True)
class Screen:
    """What a simulated label shows."""

    version: int
    content: Mapping[str, Any]
    hash: str


@dataclass(slots=True, kw_only=True)
class Simulator:
    """A gateway. `lose`: the share of messages that its radio loses. `screens`: by label. `told`: what Halles told it."""

    url: str
    seller_id: int
    gateway_id: str
    key: bytes
    manner: Manner = Manner.HONEST
    lose: float = 0.0
    seed: int = 1
    show: Callable[[str, Screen], None] = lambda label, screen: None
    screens: dict[str, Screen] = field(default_factory=dict[str, Screen])
    told: list[bytes] = field(default_factory=list[bytes])

    async def run(self, now_ms: Callable[[], int], ready: asyncio.Event | None = None) -> None:
        """Receive and answer until cancelled."""
        chance = random.Random(self.seed)
        own = messages.topic(self.seller_id, self.gateway_id, "")
        async with linked(self.url, f"gateway-{self.gateway_id}", [f"{own}set/+", f"{own}told"]) as link:
            hello = f"{own}hello"
            await link.send(hello, messages.hello_message(self.key, hello, now_ms()))
            if ready is not None:
                ready.set()
            while True:
                heard = await link.heard.get()
                if heard.topic == f"{own}told":
                    self.told.append(heard.payload)
                elif heard.payload and chance.random() >= self.lose:
                    for answer in self.answers(heard):
                        await link.send(f"{own}ack", answer)

    def answers(self, heard: Heard) -> list[bytes]:
        """What it answers to a content; a label keeps the newest version that it was given."""
        try:
            body, said = messages.read_set(self.key, heard.topic, heard.payload)
        except BadMessage:
            return []
        label, version = str(said["label"]), int(said["version"])
        before = self.screens.get(label)
        if before is None or version > before.version:
            before = Screen(version=version, content=said["content"], hash=messages.hash_of(body))
            self.screens[label] = before
            self.show(label, before)
        topic = messages.topic(self.seller_id, self.gateway_id, "ack")
        match self.manner:
            case Manner.SILENT:
                return []
            case Manner.WRONG_HASH:
                return [messages.ack_message(self.key, topic, label, before.version, messages.hash_of("no"))]
            case Manner.OTHER_LABEL:
                return [messages.ack_message(self.key, topic, "not-mine", before.version, before.hash)]
            case Manner.UNSIGNED:
                return [messages.ack_message(b"guess", topic, label, before.version, before.hash)]
            case _:
                answer = messages.ack_message(self.key, topic, label, before.version, before.hash)
                return [answer] * (2 if self.manner is Manner.TWICE else 1)
