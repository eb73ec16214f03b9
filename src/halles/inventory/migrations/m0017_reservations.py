"""Reservations for baskets, and what sourcing knows of a location."""

revision = "0017_reservations"
down_revision = "0016_flash_sales"


def upgrade() -> None:
    """Nothing yet."""
