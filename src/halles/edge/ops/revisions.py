"""Which revisions of the schema this release can work with."""

from __future__ import annotations

from collections.abc import Sequence

from alembic.script import ScriptDirectory

from halles.kernel import migrate


def line() -> tuple[str, ...]:
    """Every revision that this release knows, the oldest first."""
    script = ScriptDirectory.from_config(migrate.config())
    return tuple(reversed([step.revision for step in script.walk_revisions()]))


def serves(found: str | None, known: Sequence[str]) -> bool:
    """Whether a process that knows `known` may serve a database at `found` (None: never migrated).

    A revision that it does not know is a later one, which never breaks the release before it.
    """
    return found is not None and (found == known[-1] or found not in known)
