"""Orders handed to a real writer as a web process hands them over, without the web: for `memory.py --way desk`."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

from shop import Shop

from halles.edge.services import assemble
from halles.journeys.checkout.api import Desk
from halles.kernel import settings
from halles.kernel.connect import opened
from halles.kernel.errors import Refusal


async def hand_over(
    folder: Path, dsn: str, shop: Shop, *, seconds: float, most: int, callers: int, lines: int
) -> dict[str, Any]:
    """Closed-loop callers for so long or so many orders; gives orders, wall_s, waits_s, refused, as `http_load.py` does."""
    told = settings.load(data=folder, database_url=dsn, demo=True, place_orders="writer")
    waits, dice, refused = list[float](), random.Random(), 0
    async with opened(told, max_size=2, patience_s=30) as db:
        desk = assemble(told, db).port(Desk)
        async with desk.shared(writes=False):
            began = time.perf_counter()

            async def caller() -> None:
                nonlocal refused
                while time.perf_counter() < began + seconds and len(waits) < most:
                    order, sent = shop.order("many", dice, lines), time.perf_counter()
                    try:
                        await desk.place(order, shop.shopper(dice))
                    except Refusal:
                        refused += 1
                    else:
                        waits.append(time.perf_counter() - sent)

            await asyncio.gather(*(caller() for _ in range(callers)))
            wall = time.perf_counter() - began
    return {"orders": len(waits), "wall_s": wall, "waits_s": waits, "refused": refused}
