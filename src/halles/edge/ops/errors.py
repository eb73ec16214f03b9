"""What can keep a backup from being made or put back, each with what a person can do about it."""

from __future__ import annotations

from halles.kernel.errors import Conflict, Invalid, StorageFull, Unavailable


class BackupExists(Conflict):
    """There is something at the place where the backup should go; nothing is overwritten."""

    code, title = "edge.backup_exists", "Something is there already"


class BackupNoRoom(StorageFull):
    """The disk has less room than the backup or the restore needs; nothing was changed."""

    code, title = "edge.backup_no_room", "Not enough room on the disk"


class BackupFailed(Unavailable):
    """PostgreSQL's own program failed; the message ends with its last words. What was half made is gone again."""

    code, title = "edge.backup_failed", "Backup or restore failed"


class BackupProgramMissing(Unavailable):
    """`pg_dump`, `pg_restore` or `psql` of a version that fits the database is not on this machine."""

    code, title = "edge.backup_program_missing", "PostgreSQL's programs are missing"


class BackupDamaged(Invalid):
    """A file of the backup is missing, or is not the one that was written; nothing was restored."""

    code, title = "edge.backup_damaged", "The backup is damaged"


class BackupNewer(Conflict):
    """The backup was made by a later release, whose schema this one does not know."""

    code, title = "edge.backup_newer", "The backup is from a later release"


class InstallationNotEmpty(Conflict):
    """The installation holds data already; `--force` replaces it."""

    code, title = "edge.installation_not_empty", "There is data already"


class InstallationRuns(Conflict):
    """Somebody is connected to the database that should be replaced."""

    code, title = "edge.installation_runs", "Stop the installation first"
