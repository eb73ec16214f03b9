"""Alembic's entry: runs the revisions over psycopg in one transaction each."""

import psycopg
from alembic import context
from sqlalchemy import create_engine, pool


def run() -> None:
    dsn: str = context.config.attributes["dsn"]
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=pool.NullPool
    )
    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


run()
