"""A connection to an MQTT broker for asyncio: messages at QoS 1, a send that says whether the broker took it.

paho's own thread does the talking and mends the connection; what it hears is handed to the loop. Nothing is kept while the broker
is away: what was not taken is sent again by whoever asked, later.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from halles.kernel.errors import Unavailable
from halles.kernel.settings import BadSettings
from halles.shelf_labels.types import Heard

log = structlog.get_logger("halles.mqtt")

CONNECT_S = 5.0
TAKEN_S = 5.0
_MOST_WAITING = 10_000


class BrokerUnavailable(Unavailable):
    """The MQTT broker does not answer."""

    code, title = "shelf_labels.broker_unavailable", "The label broker does not answer"


class MqttLink:
    """An open connection. Use `linked`."""

    def __init__(self, url: str, name: str, subscriptions: Sequence[str]) -> None:
        self._loop = asyncio.get_running_loop()
        self._topics = subscriptions
        self._taken: dict[int, asyncio.Future[None]] = {}
        self._connected = asyncio.Event()
        self.heard: asyncio.Queue[Heard] = asyncio.Queue(_MOST_WAITING)
        parts = urlsplit(url)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
            raise BadSettings("An MQTT broker is given as mqtt://user:password@host:1883 or mqtts://…")
        self._host, self._port = parts.hostname, parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=f"{name}-{secrets.token_hex(6)}")
        if parts.username or parts.password:
            self._client.username_pw_set(unquote(parts.username or "halles"), unquote(parts.password or ""))
        if parts.scheme == "mqtts":
            trust = ssl.create_default_context()
            self._client.tls_set_context(trust)  # pyright: ignore[reportUnknownMemberType]
        self._client.reconnect_delay_set(1, 10)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish

    @property
    def connected(self) -> bool:
        return self._connected.is_set()

    async def open(self) -> None:
        """Raises BrokerUnavailable."""
        try:
            await asyncio.to_thread(self._client.connect, self._host, self._port, 20)
            self._client.loop_start()
            await asyncio.wait_for(self._connected.wait(), CONNECT_S)
        except (OSError, TimeoutError) as error:
            await self.close()
            raise BrokerUnavailable(
                f"The broker at {self._host}:{self._port} does not answer: {error or 'it is silent'}"
            ) from error

    async def close(self) -> None:
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    async def send(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Publish at QoS 1; whether the broker acknowledged it within TAKEN_S."""
        if not self.connected:
            return False
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        if info.is_published():
            return True
        future = self._taken.setdefault(info.mid, self._loop.create_future())
        try:
            await asyncio.wait_for(future, TAKEN_S)
        except TimeoutError:
            return False
        finally:
            self._taken.pop(info.mid, None)
        return True

    def _on_connect(self, client: Client, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            log.warning("mqtt.refused", reason=str(reason))
            return
        for topic in self._topics:
            client.subscribe(topic, qos=1)
        self._call(self._connected.set)

    def _on_disconnect(self, client: Client, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        self._call(self._connected.clear)

    def _on_message(self, client: Client, data: Any, message: MQTTMessage) -> None:
        heard = Heard(topic=message.topic, payload=bytes(message.payload), retained=bool(message.retain))
        self._call(self._keep, heard)

    def _on_publish(self, client: Client, data: Any, mid: int, reason: Any, properties: Any) -> None:
        self._call(self._note_taken, mid)

    def _note_taken(self, mid: int) -> None:
        future = self._taken.get(mid)
        if future is None:
            # The acknowledgement may come before `send` looks for it.
            future = self._taken[mid] = self._loop.create_future()
            self._loop.call_later(TAKEN_S, self._taken.pop, mid, None)
        if not future.done():
            future.set_result(None)

    def _keep(self, heard: Heard) -> None:
        try:
            self.heard.put_nowait(heard)
        except asyncio.QueueFull:
            log.warning("mqtt.overrun", topic=heard.topic)

    def _call(self, what: Any, *values: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what, *values)


@asynccontextmanager
async def linked(url: str, name: str, subscriptions: Sequence[str]) -> AsyncGenerator[MqttLink]:
    """A connection for as long as the block runs. Raises BrokerUnavailable."""
    link = MqttLink(url, name, subscriptions)
    await link.open()
    try:
        yield link
    finally:
        await link.close()
