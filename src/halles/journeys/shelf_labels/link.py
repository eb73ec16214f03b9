"""Between the database and the broker: sends what is due, judges what is answered.

Any number of workers may run one: what is due is taken by one of them, and an acknowledgement that two hear is written once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import structlog

from halles.identity.api import vault
from halles.kernel.errors import Unavailable
from halles.kernel.web import Services
from halles.shelf_labels import api
from halles.shelf_labels.api import messages
from halles.shelf_labels.types import BadMessage, Gateway, Heard, LabelWire, Outgoing, UnknownGateway, Verdict

log = structlog.get_logger("halles.labels")

_PURPOSE = "shelf-label gateway"
Dial = Callable[[], AbstractAsyncContextManager[LabelWire]]
SUBSCRIPTIONS = (f"{messages.ROOT}/+/+/ack", f"{messages.ROOT}/+/+/hello")


def sealed_key(services: Services, seller_id: int, gateway_id: str, key: str) -> str:
    """A gateway's key as the database keeps it."""
    return vault(services.settings).seal(_PURPOSE, key, f"{seller_id}/{gateway_id}")


def open_key(services: Services, seller_id: int, gateway_id: str, sealed: str) -> bytes | None:
    """The key again; None when it was sealed with another secret."""
    key = vault(services.settings).open(_PURPOSE, sealed, f"{seller_id}/{gateway_id}")
    return None if key is None else bytes.fromhex(key)


class ShelfLink:
    """The worker's side of the broker. `dial` opens a connection that hears SUBSCRIPTIONS, or raises Unavailable."""

    def __init__(self, services: Services, dial: Dial) -> None:
        self._services, self._dial = services, dial

    async def run(self, stop: asyncio.Event) -> None:
        """Send and hear until `stop`; a broker that is away is tried again, and labels stay unconfirmed meanwhile."""
        while not stop.is_set():
            try:
                async with self._dial() as link:
                    hearing = asyncio.create_task(self._hear(link))
                    try:
                        await self._send(link, stop)
                    finally:
                        hearing.cancel()
                        await asyncio.gather(hearing, return_exceptions=True)
            except (Unavailable, OSError) as error:
                log.warning("labels.unavailable", error=str(error))
            except Exception:
                log.exception("labels.link_failed")
            await _pause(stop, 2.0)

    async def _send(self, link: LabelWire, stop: asyncio.Event) -> None:
        while not stop.is_set():
            moved = link.connected and await self.send_due(link)
            if not moved:
                await _pause(stop, 0.5)

    async def send_due(self, link: LabelWire) -> int:
        """Send what is due; returns how many contents. They are retained, so that a gateway that comes back finds the newest."""
        services = self._services
        async with services.db.transaction() as tx:
            due = await api.take_due(tx, services.clock())
        sent = await asyncio.gather(*(self._send_one(link, one) for one in due))
        if due:
            log.info("labels.sent", contents=len(due), taken=sum(sent))
        return len(due)

    async def _send_one(self, link: LabelWire, one: Outgoing) -> bool:
        key = open_key(self._services, one.seller_id, one.gateway_id, one.key_sealed)
        if key is None:
            log.error("labels.key_lost", gateway=one.gateway_id)
            return False
        topic = messages.topic(one.seller_id, one.gateway_id, f"set/{one.label_code}")
        return await link.send(topic, messages.set_message(key, topic, one.body), retain=True)

    async def _hear(self, link: LabelWire) -> None:
        while True:
            heard = await link.heard.get()
            if heard.retained:
                continue  # nobody knows when it was said; the next try brings a fresh one
            try:
                await self.judge(link, heard)
            except BadMessage as bad:
                log.info("labels.unreadable", topic=heard.topic[:100], reason=str(bad))
            except Unavailable as error:
                log.warning("labels.not_judged", error=str(error))
            except Exception:
                log.exception("labels.judging_failed", topic=heard.topic[:100])

    async def judge(self, link: LabelWire, heard: Heard) -> Verdict | None:
        """Write down what a message proves, tell its gateway where it proves nothing. None: a hello. Raises BadMessage."""
        seller_id, gateway_id, what = messages.read_topic(heard.topic)
        services = self._services
        async with services.db.reading() as tx:
            try:
                gateway = await api.find_gateway(tx, seller_id, gateway_id)
            except UnknownGateway as error:
                raise BadMessage("Nobody knows this gateway.") from error
        key = open_key(services, seller_id, gateway_id, gateway.key_sealed)
        if key is None:
            raise BadMessage("The key of this gateway was sealed with another secret.")
        if what == "hello":
            await self._welcome(gateway, key, heard)
            return None
        return await self._judge_ack(link, gateway, key, heard)

    async def _welcome(self, gateway: Gateway, key: bytes, heard: Heard) -> None:
        now = self._services.clock()
        if not messages.read_hello(key, heard.topic, heard.payload, int(now.timestamp() * 1000)):
            raise BadMessage("This hello is not signed, or old.")
        async with self._services.db.transaction() as tx:
            await api.heard(tx, gateway.seller_id, gateway.gateway_id, now)
            await api.send_again(tx, gateway.seller_id, now, gateway_id=gateway.gateway_id)

    async def _judge_ack(self, link: LabelWire, gateway: Gateway, key: bytes, heard: Heard) -> Verdict:
        services, now = self._services, self._services.clock()
        try:
            ack = messages.read_ack(heard.payload)
        except BadMessage:
            async with services.db.transaction() as tx:
                await api.refuse(tx, gateway.seller_id, gateway.gateway_id, Verdict.UNREADABLE, "", now)
            return Verdict.UNREADABLE
        async with services.db.transaction() as tx:
            if messages.proved(key, heard.topic, ack):
                verdict = await api.confirm(tx, gateway.seller_id, gateway.gateway_id, ack, now)
            else:
                verdict = Verdict.FORGED
                await api.refuse(tx, gateway.seller_id, gateway.gateway_id, verdict, "", now)
        if verdict.refused:
            log.warning("labels.refused", gateway=gateway.gateway_id, label=ack.label, reason=verdict.value)
            topic = messages.topic(gateway.seller_id, gateway.gateway_id, "told")
            told = messages.told_message(key, topic, ack.label, ack.version, verdict.value)
            await link.send(topic, told)
        return verdict


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
