"""Pictures from addresses that a seller's file names: fetched with limits, and never from inside the operator's network.

The name is resolved once and the connection goes to that very address, so that a name cannot lead elsewhere between the check
and the call (DNS rebinding). Redirects are followed by hand, each checked like the first.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import urljoin, urlsplit

import httpx

from halles.journeys.product_import.convert import MAX_BYTES
from halles.journeys.product_import.types import PictureRefused

_REDIRECTS = 3
_SECONDS = 20.0
_HEADERS = {"user-agent": "Halles product import", "accept": "image/*"}


def client() -> httpx.AsyncClient:
    """A client for `fetch`; proxies of the environment are not used, since the address is already chosen."""
    limits = httpx.Limits(max_connections=8)
    return httpx.AsyncClient(
        timeout=httpx.Timeout(10.0, connect=5.0), limits=limits, trust_env=False, headers=_HEADERS
    )


async def fetch(http: httpx.AsyncClient, address: str, *, allow_private: bool) -> bytes:
    """The bytes behind an http or https address, at most MAX_BYTES within 20 s. Raises PictureRefused with the reason."""
    try:
        async with asyncio.timeout(_SECONDS):
            for _ in range(_REDIRECTS + 1):
                found = await _once(http, address, allow_private)
                if isinstance(found, bytes):
                    return found
                address = found
    except TimeoutError as error:
        raise PictureRefused(f"took longer than {_SECONDS:.0f} seconds") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise PictureRefused(f"cannot be fetched: {type(error).__name__}") from error
    raise PictureRefused("redirects too often")


async def _once(http: httpx.AsyncClient, address: str, allow_private: bool) -> bytes | str:
    """The bytes, or the address of a redirect."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise PictureRefused("is not an address") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise PictureRefused("is not an http or https address")
    ip = await _resolve(parts.hostname, port or (443 if parts.scheme == "https" else 80), allow_private)
    host = f"[{ip}]" if ":" in ip else ip
    url = parts._replace(netloc=host if port is None else f"{host}:{port}", fragment="").geturl()
    headers, extensions = {"host": parts.netloc}, {"sni_hostname": parts.hostname}
    async with http.stream(
        "GET", url, headers=headers, extensions=extensions, follow_redirects=False
    ) as response:
        if response.is_redirect:
            return urljoin(address, response.headers.get("location", ""))
        if response.status_code != 200:
            raise PictureRefused(f"answers {response.status_code}")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not kind.startswith("image/") or kind == "image/svg+xml":
            raise PictureRefused(f"is {kind or 'of no type'}, not a picture")
        return await _read(response)


async def _read(response: httpx.Response) -> bytes:
    data = bytearray()
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > MAX_BYTES:
            raise PictureRefused(f"is larger than {MAX_BYTES >> 20} MB")
    return bytes(data)


async def _resolve(host: str, port: int, allow_private: bool) -> str:
    """An address of a host. Every one must be public unless private ones are allowed: a name that gives both is not trusted."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not addresses:
        raise PictureRefused("has no address")
    if not allow_private and not all(is_public(address) for address in addresses):
        raise PictureRefused("lies in a private network")
    return addresses[0]


_CARRIERS = [
    ipaddress.IPv6Network(network) for network in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
]
"""IPv6 networks that carry IPv4 addresses, which a translator or tunnel would call instead (RFC 4291, 6052, 8215, 3056)."""


def is_public(address: str) -> bool:
    """Whether an address is one machine's in the public internet, and not a way around to a private one."""
    found = ipaddress.ip_address(address)
    if found.is_multicast or not found.is_global:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return True
    return not found.is_site_local and not any(found in network for network in _CARRIERS)
