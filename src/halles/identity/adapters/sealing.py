"""The deployment's secret, and what is derived from it: one key a purpose, so that none can stand in for another."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from halles.kernel.settings import BadSettings, Settings


class Vault:
    """Seals, opens and marks with keys derived (HKDF-SHA-256) from one master secret of 32 bytes or more."""

    def __init__(self, master: bytes) -> None:
        if len(master) < 32:
            raise BadSettings("HALLES_SECRET must have 32 characters or more.")
        self._master = master
        self._keys: dict[str, bytes] = {}

    def mark(self, purpose: str, text: str) -> bytes:
        """A keyed hash (BLAKE2b, 32 bytes) that only this deployment can compute."""
        return hashlib.blake2b(text.encode(), key=self._key(purpose), digest_size=32).digest()

    def seal(self, purpose: str, text: str, context: str) -> str:
        """Encrypt and authenticate (AES-256-GCM, random nonce); opens only with the same purpose and context."""
        nonce = os.urandom(12)
        body = AESGCM(self._key(purpose)).encrypt(nonce, text.encode(), context.encode())
        return base64.urlsafe_b64encode(nonce + body).decode()

    def open(self, purpose: str, sealed: str, context: str) -> str | None:
        """The sealed text, or None when it was made with another secret, purpose or context."""
        raw = base64.urlsafe_b64decode(sealed)
        try:
            return AESGCM(self._key(purpose)).decrypt(raw[:12], raw[12:], context.encode()).decode()
        except InvalidTag:
            return None

    def _key(self, purpose: str) -> bytes:
        key = self._keys.get(purpose)
        if key is None:
            key = HKDF(algorithm=hashes.SHA256(), length=32, salt=b"halles", info=purpose.encode()).derive(
                self._master
            )
            self._keys[purpose] = key
        return key


def vault(settings: Settings) -> Vault:
    """The vault of this deployment: `HALLES_SECRET`, else a file made once in the data folder, readable by its owner alone."""
    if settings.secret is not None:
        return _vault(settings.secret.get_secret_value().encode())
    return _vault(_kept(settings.data / "secret"))


@lru_cache(maxsize=8)
def _vault(master: bytes) -> Vault:
    return Vault(master)


@lru_cache(maxsize=8)
def _kept(path: Path) -> bytes:
    """Read the secret, or make it: written aside and linked into place, so that of several first processes one wins whole."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".secret-{secrets.token_hex(8)}")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(aside, path)
        finally:
            aside.unlink()
    return path.read_text().strip().encode()


def same(one: bytes, other: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one, other)
