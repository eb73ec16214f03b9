"""Encryption between machines of one installation: each side shows a certificate of the installation's own authority."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from halles.kernel.errors import Invalid
from halles.kernel.settings import Settings


class BadCertificate(Invalid):
    """A certificate, key or authority that cannot be used; the message names the files."""

    code, title = "kernel.bad_certificate", "A certificate cannot be used"


@dataclass(frozen=True, slots=True)
class MutualTls:
    """Both ends of connections between machines: TLS 1.3; a peer without a certificate of the authority is refused, and whoever
    is called must be named in theirs, by name or address."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def is_loopback(host: str) -> bool:
    """Whether what is sent to this host stays on the machine. A name other than "localhost" is believed to lead elsewhere."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def mutual(certificate: Path, key: Path, authority: Path) -> MutualTls:
    """Contexts from PEM files: this machine's chain and key, and the authority of all of them. Raises BadCertificate."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.verify_mode = ssl.CERT_REQUIRED
    for context in (server, client):
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            context.load_cert_chain(certificate, key)
            context.load_verify_locations(authority)
        except (OSError, ssl.SSLError) as error:
            raise BadCertificate(
                f"{certificate}, {key} and {authority} cannot be used together: {error}"
            ) from error
    return MutualTls(server, client)


def between_writers(settings: Settings) -> MutualTls | None:
    """What encrypts orders on their way to a writer on another machine; None where none is set up. Raises BadCertificate."""
    certificate, key, authority = settings.writer_certificate, settings.writer_key, settings.writer_authority
    if certificate is None and key is None and authority is None:
        return None
    if certificate is None or key is None or authority is None:
        raise BadCertificate(
            "HALLES_WRITER_CERTIFICATE, _KEY and _AUTHORITY are set together, or none of them."
        )
    return mutual(certificate, key, authority)
