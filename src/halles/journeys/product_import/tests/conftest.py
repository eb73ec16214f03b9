"""A shop to import into."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from halles.inventory import api as inventory
from halles.inventory.types import Lane, LocationKind
from halles.journeys.product_import import api
from halles.journeys.product_import.types import Options, Report
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database
from halles.kernel.ids import SellerId
from halles.kernel.media import MediaStore

SELLER = SellerId(7)
Import = Callable[..., Awaitable[Report]]


@pytest.fixture
async def location(db: Database) -> int:
    """The one stock location, "Roissy hub"."""
    async with db.transaction() as tx:
        return await inventory.save_location(
            tx, SELLER, kind=LocationKind.HUB, name="Roissy hub", lane=Lane.HUB, country="FR"
        )


@pytest.fixture
def import_text(db: Database, media: MediaStore, clock: FixedClock, tmp_path: Path) -> Import:
    """`await import_text("name.csv", text_or_bytes, stock=3)`: write a file and import it."""

    async def run(name: str, content: str | bytes, **options: object) -> Report:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return await api.import_file(db, media, clock, SELLER, path, Options(**options))  # type: ignore[arg-type]

    return run
