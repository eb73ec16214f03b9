import asyncio

import pytest

from halles.kernel import idempotency
from halles.kernel.db import Database
from halles.kernel.idempotency import Answer, KeyReused


async def test_same_key_and_body_give_the_first_answer(db: Database) -> None:
    async with db.transaction() as tx:
        assert await idempotency.recall(tx, "s", "k", b"body") is None
        await idempotency.remember(tx, "s", "k", Answer(status=201, body=b"made"))
    async with db.transaction() as tx:
        assert await idempotency.recall(tx, "s", "k", b"body") == Answer(status=201, body=b"made")
        with pytest.raises(KeyReused):
            await idempotency.recall(tx, "s", "k", b"another body")
        assert await idempotency.recall(tx, "other scope", "k", b"another body") is None


async def test_a_hundred_double_taps_do_the_work_once(db: Database) -> None:
    done = 0

    async def tap() -> bytes:
        nonlocal done
        async with db.transaction() as tx:
            earlier = await idempotency.recall(tx, "s", "k", b"body")
            if earlier is not None:
                return earlier.body
            done += 1
            await idempotency.remember(tx, "s", "k", Answer(status=200, body=b"once"))
            return b"once"

    assert set(await asyncio.gather(*(tap() for _ in range(100)))) == {b"once"}
    assert done == 1
