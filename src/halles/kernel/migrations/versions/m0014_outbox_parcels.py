"""The outbox as parcels: the events of one partition and batch in one row."""

revision = "0014_outbox_parcels"
down_revision = "0013_compact_rows"


def upgrade() -> None:
    """Nothing yet."""
