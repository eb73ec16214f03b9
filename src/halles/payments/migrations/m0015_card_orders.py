"""Orders paid by card."""

revision = "0015_card_orders"
down_revision = "0014_outbox_parcels"


def upgrade() -> None:
    """Nothing yet."""
