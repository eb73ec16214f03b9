"""Six-digit codes and their slow hashes, computed in a thread so that the event loop goes on."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from halles.identity.adapters.sealing import Vault

# OWASP's password storage cheat sheet, the smallest Argon2id setting it accepts: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# What an unknown address is compared with, so that it costs what a known one costs.
_NOBODY = _HASHER.hash("no code")


def new_code() -> str:
    """Six digits, uniform over a million."""
    return f"{secrets.randbelow(1_000_000):06d}"


async def hash_code(vault: Vault, address: str, code: str) -> str:
    """Argon2id over a keyed hash: a stolen table alone cannot be searched, the deployment's secret is needed too."""
    return await asyncio.to_thread(_HASHER.hash, _peppered(vault, address, code))


async def fits(vault: Vault, code_hash: str | None, address: str, code: str) -> bool:
    """Whether a code is the hashed one; takes as long when there is no hash."""
    return (
        await asyncio.to_thread(_fits, code_hash or _NOBODY, _peppered(vault, address, code))
        and code_hash is not None
    )


def _peppered(vault: Vault, address: str, code: str) -> bytes:
    return vault.mark("identity.code", f"{address}\n{code}")


def _fits(code_hash: str, secret: bytes) -> bool:
    try:
        return _HASHER.verify(code_hash, secret)
    except VerificationError:
        return False
