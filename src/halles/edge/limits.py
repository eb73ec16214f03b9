"""How often: rate limits of one process, by class of request and by session, visitor or network."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from starlette.types import Scope

from halles.kernel.caller import Caller

_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A bucket of `burst` requests that refills with `per_minute`."""

    burst: int
    per_minute: int


class Bucket:
    """One rate for any number of names, a float each: GCRA, the token bucket told as the time at which a name's debt is paid
    (ITU-T I.371, virtual scheduling)."""

    def __init__(self, rate: Rate, factor: float = 1.0) -> None:
        self._gap_s = 60.0 / (rate.per_minute * factor)
        self._slack_s = max(rate.burst * factor - 1, 0) * self._gap_s
        self._paid: dict[str, float] = {}
        self._sweep_at = _REMEMBERED

    def wait_s(self, name: str, now: float, many: int = 1) -> float:
        """Take `many` from the bucket of `name`: 0.0 when it was not empty, else the seconds until it is not."""
        paid = max(self._paid.get(name, now), now)
        if paid - now > self._slack_s:
            return paid - now - self._slack_s
        self._paid[name] = paid + many * self._gap_s
        if len(self._paid) > self._sweep_at:
            self._sweep(now)
        return 0.0

    def _sweep(self, now: float) -> None:
        """Forget full buckets: they are as good as new."""
        self._paid = {name: paid for name, paid in self._paid.items() if paid > now}
        self._sweep_at = max(_REMEMBERED, 2 * len(self._paid))


# One network is a shop's whole Wi-Fi at times: limits by network stop floods, limits by session stop people.
SIGN_IN = Rate(burst=30, per_minute=30)
GUEST = Rate(burst=120, per_minute=120)
PHOTO = Rate(burst=15, per_minute=30)
PHOTO_NETWORK = Rate(burst=200, per_minute=600)
DATA = Rate(burst=10, per_minute=1)
"""Archives of one's own data: each reads all that is held of a person, orders one by one."""
ORDER = Rate(burst=60, per_minute=120)
SESSION = Rate(burst=300, per_minute=1200)
NETWORK = Rate(burst=2000, per_minute=6000)
GUESTS = Rate(burst=6000, per_minute=30_000)
"""All guests of a network together: whoever asks may become any number of them."""
UNPAID = Rate(burst=300, per_minute=10)
"""Pieces that a network may order by card: they leave the shelf for half an hour before anybody pays."""
BOOKED = Rate(burst=300, per_minute=30)
"""People for whom the guests of a network may book visits or queue: a guest has one booking a day, but guests cost nothing."""
LINKED = Rate(burst=120, per_minute=120)
"""Orders opened by the link of a mail, from a network."""
VISITS = Rate(burst=400, per_minute=400)
"""Events of visits that one browser tells, whatever number of requests they come in."""
VISITS_NETWORK = Rate(burst=12_000, per_minute=12_000)


class Limits:
    """Every limit of this process. `factor` multiplies them all."""

    def __init__(self, monotonic: Callable[[], float], factor: float) -> None:
        self._now = monotonic
        self._sign_in, self._guest = Bucket(SIGN_IN, factor), Bucket(GUEST, factor)
        self._photo, self._photo_network = Bucket(PHOTO, factor), Bucket(PHOTO_NETWORK, factor)
        self._order, self._session, self._network = (
            Bucket(ORDER, factor),
            Bucket(SESSION, factor),
            Bucket(NETWORK, factor),
        )
        self._guests = Bucket(GUESTS, factor)
        self._data = Bucket(DATA, factor)
        self._unpaid = Bucket(UNPAID, factor)
        self._booked = Bucket(BOOKED, factor)
        self._linked = Bucket(LINKED, factor)
        self._visits, self._visits_network = Bucket(VISITS, factor), Bucket(VISITS_NETWORK, factor)

    def wait_s(self, method: str, path: str, caller: Caller, network: str) -> float:
        """Count a request; 0.0 when it may go on, else the seconds to wait.

        A session is named only after it was found to be alive, so that made-up cookies share their network's bucket.
        """
        now = self._now()
        own = self._own_wait_s(method, path, caller, network, now)
        return own or (self._guests.wait_s(network, now) if caller.guest else 0.0)

    def unpaid_wait_s(self, network: str, pieces: int) -> float:
        """Count pieces ordered by card; 0.0 when they may be, else the seconds to wait."""
        return self._unpaid.wait_s(network, self._now(), pieces)

    def booked_wait_s(self, network: str, people: int) -> float:
        """Count people whom guests booked or queued for; 0.0 when they may be, else the seconds to wait."""
        return self._booked.wait_s(network, self._now(), people)

    def visits_wait_s(self, who: str, network: str, events: int) -> float:
        """Count events of visits; 0.0 when they may be kept, else the seconds to wait."""
        now = self._now()
        return self._visits.wait_s(who, now, events) or self._visits_network.wait_s(network, now, events)

    def order_wait_s(self, session_id: str, network: str, *, guest: bool) -> float:
        """`wait_s` of an order of a session, for the peak."""
        now = self._now()
        return self._order.wait_s(session_id, now) or (self._guests.wait_s(network, now) if guest else 0.0)

    def _own_wait_s(self, method: str, path: str, caller: Caller, network: str, now: float) -> float:
        who = caller.session_id or (None if caller.party_id is None else str(caller.party_id))
        if method == "POST":
            if path == "/api/orders" and who is not None:
                return self._order.wait_s(who, now)
            if path == "/api/photos":
                return self._photo.wait_s(
                    who or caller.visitor or network, now
                ) or self._photo_network.wait_s(network, now)
            if path == "/api/guest" and who is None:
                return self._guest.wait_s(network, now)
            if path.startswith(("/api/sign-in/", "/api/demo/sign-in")):
                return self._sign_in.wait_s(network, now)
        elif path.endswith("/linked"):
            return self._linked.wait_s(network, now)
        if path == "/api/me/data" and who is not None:
            return self._data.wait_s(who, now)
        return self._network.wait_s(network, now) if who is None else self._session.wait_s(who, now)


def network_of(scope: Scope, headers: Mapping[bytes, bytes], trusted_proxies: int) -> str:
    """The caller's address as limits name it: an IPv4 address, or the /64 of an IPv6 one.

    With n trusted proxies the n-th last entry of X-Forwarded-For is believed: those before it are the caller's own words.
    """
    client = scope.get("client")
    address = client[0] if client else "local"
    if trusted_proxies:
        told = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        if len(told) >= trusted_proxies and told[-trusted_proxies].strip():
            address = told[-trusted_proxies].strip()
    return _subscriber(address) if ":" in address else address[:64]


@lru_cache(maxsize=8192)
def _subscriber(address: str) -> str:
    """The /64 of an IPv6 address: one subscriber has that many addresses at least. An IPv4 address in IPv6 clothes is itself."""
    try:
        found = ipaddress.IPv6Address(address.split("%", 1)[0])
    except ValueError:
        return address[:64]
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))
