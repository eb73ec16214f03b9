"""A certificate of our own, so that a phone on the same network may use its camera (browsers want HTTPS for it)."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import trustme


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """PEM files: the server's chain and key, and the authority that a phone may be told to trust."""

    chain: Path
    key: Path
    authority: Path


def lan_address() -> str:
    """This machine's address in its network, "127.0.0.1" without one. Sends nothing: connecting UDP only picks a route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1 (RFC 5737)
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def names(public_url: str) -> list[str]:
    """Every name under which this server may be opened."""
    host = urlsplit(public_url).hostname or "localhost"
    return sorted({"localhost", "127.0.0.1", "::1", host, lan_address()})


def ensure(folder: Path, hosts: list[str]) -> Certificate:
    """The certificate for `hosts`, made once and made again when the hosts change; the authority stays the same."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Certificate(chain=folder / "chain.pem", key=folder / "key.pem", authority=folder / "authority.pem")
    stamp, authority_key = folder / "hosts.txt", folder / "authority-key.pem"
    if made.authority.exists() and authority_key.exists():
        authority = trustme.CA.from_pem(made.authority.read_bytes(), authority_key.read_bytes())
    else:
        authority = trustme.CA(organization_name="Halles", organization_unit_name="this machine")
        _write_private(authority_key, authority.private_key_pem.bytes())
        authority.cert_pem.write_to_path(str(made.authority))
        stamp.unlink(missing_ok=True)
    if not stamp.exists() or stamp.read_text() != "\n".join(hosts):
        leaf = authority.issue_cert(*hosts)
        made.chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        _write_private(made.key, leaf.private_key_pem.bytes())
        stamp.write_text("\n".join(hosts))
    return made


def trusting(certificate: Certificate) -> ssl.SSLContext:
    """A client's context that trusts our own authority alone."""
    return ssl.create_default_context(cafile=str(certificate.authority))


def _write_private(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)
