"""The six kinds of refusal. A capability subclasses one of them and gives it a stable `code`.

The edge maps a kind to an HTTP status once and renders RFC 9457 problem details; the CLI prints `code: message`. A bug is not a
refusal: it is an assertion, and crashes the request.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """A refusal that a caller can understand and act on; never raised itself, only through one of the six kinds.

    `code` is stable and belongs to the public interface (`inventory.insufficient_stock`). `message` is one English sentence
    for a person. `fields` are JSON-safe facts a program can use. `retry_after_s`: seconds after which the same command may
    succeed unchanged; None means that repeating it as it stands cannot help.
    """

    status: ClassVar[int] = 500
    kind: ClassVar[str] = "refusal"
    code: ClassVar[str] = "kernel.refusal"
    title: ClassVar[str] = "Refused"

    def __init__(self, message: str, *, retry_after_s: float | None = None, **fields: object) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_s = retry_after_s
        self.fields = fields


class NotFound(Refusal):
    """What the caller names does not exist, or is not theirs to know of."""

    status, kind, code, title = 404, "not_found", "kernel.not_found", "Not found"


class Conflict(Refusal):
    """The command is well formed but the present state does not allow it."""

    status, kind, code, title = 409, "conflict", "kernel.conflict", "Conflict"


class Invalid(Refusal):
    """The command can never be accepted as it is written."""

    status, kind, code, title = 422, "invalid", "kernel.invalid", "Invalid"


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    status, kind, code, title = 403, "forbidden", "kernel.forbidden", "Forbidden"


class Unauthenticated(Forbidden):
    """The caller is not known yet: signing in may help."""

    status, code, title = 401, "kernel.sign_in_needed", "Sign in first"


class TooMany(Refusal):
    """A limit was reached; `retry_after_s` says when to come back."""

    status, kind, code, title = 429, "too_many", "kernel.too_many", "Too many requests"

    def __init__(self, message: str, *, retry_after_s: float = 1.0, **fields: object) -> None:
        super().__init__(message, retry_after_s=retry_after_s, **fields)


class Unavailable(Refusal):
    """Something Halles depends on does not answer; nothing was lost, and a retry may help."""

    status, kind, code, title = 503, "unavailable", "kernel.unavailable", "Unavailable for a moment"

    def __init__(self, message: str, *, retry_after_s: float = 1.0, **fields: object) -> None:
        super().__init__(message, retry_after_s=retry_after_s, **fields)


class PayloadTooLarge(Invalid):
    """The body is larger than the route allows."""

    status, code, title = 413, "kernel.payload_too_large", "Too large"


class StorageFull(Unavailable):
    """The disk under the database or the media folder is full: writes are refused until there is room."""

    status, code, title = 507, "kernel.storage_full", "Storage is full"


class DatabaseUnavailable(Unavailable):
    """The database restarts, is unreachable, or has no connection free in time."""

    code, title = "kernel.database_unavailable", "The database does not answer"


def all_kinds() -> list[type[Refusal]]:
    """Every refusal class known to the process, for the reference page and the tests that hold it complete."""
    found: list[type[Refusal]] = []
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting.extend(kind.__subclasses__())
    return sorted(found, key=lambda kind: kind.code)
