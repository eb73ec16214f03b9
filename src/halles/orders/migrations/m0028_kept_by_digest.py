"""What is kept once is found by its digest first.

Before a table has statistics, PostgreSQL takes an index that begins with `seller_id` for as good as the primary key, and reads
all that a seller ever kept for each order it shows.
"""

from alembic import op

revision = "0028_kept_by_digest"
down_revision = "0027_measuring"


def upgrade() -> None:
    op.execute(_TABLES)


_TABLES = """
alter table orders.kept drop constraint kept_seller_id_digest_key;
alter table orders.kept add constraint kept_once unique (digest, seller_id);
"""
