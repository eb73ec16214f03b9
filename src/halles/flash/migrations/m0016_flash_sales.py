"""Flash sales, their waiting rooms and what each customer took."""

revision = "0016_flash_sales"
down_revision = "0015_card_orders"


def upgrade() -> None:
    """Nothing yet."""
