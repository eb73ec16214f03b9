"""Orders and holds as compact rows; articles and promises kept once."""

revision = "0013_compact_rows"
down_revision = "0012_visits"


def upgrade() -> None:
    """Nothing yet."""
