import asyncio

import pytest

from halles.kernel.batching import Batcher, QueueFull
from halles.kernel.errors import Unavailable


async def test_a_lone_question_goes_at_once_and_the_rest_travel_together() -> None:
    sizes: list[int] = []

    async def work(batch: list[int]) -> list[int]:
        sizes.append(len(batch))
        await asyncio.sleep(0)
        return [n * 2 for n in batch]

    batcher = Batcher(work, limit=10)
    assert await batcher.ask(1) == 2
    assert await asyncio.gather(*(batcher.ask(n) for n in range(25))) == [n * 2 for n in range(25)]
    assert sizes == [1, 10, 10, 5]


async def test_each_caller_gets_its_own_answer_or_refusal() -> None:
    async def work(batch: list[int]) -> list[int | BaseException]:
        return [ValueError(n) if n % 2 else n for n in batch]

    answers = await asyncio.gather(*(Batcher(work).ask(n) for n in range(2)), return_exceptions=True)
    assert answers[0] == 0
    assert isinstance(answers[1], ValueError)


async def test_a_failed_batch_refuses_every_caller_and_the_next_batch_works() -> None:
    broken = True

    async def work(batch: list[int]) -> list[int]:
        if broken:
            raise Unavailable("down")
        return batch

    batcher = Batcher(work)
    answers = await asyncio.gather(*(batcher.ask(n) for n in range(3)), return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    broken = False
    assert await batcher.ask(7) == 7


async def test_a_full_queue_answers_at_once_and_closing_drains() -> None:
    gate = asyncio.Event()

    async def work(batch: list[int]) -> list[int]:
        await gate.wait()
        return batch

    batcher = Batcher(work, limit=1, capacity=2)
    running = [asyncio.create_task(batcher.ask(n)) for n in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(QueueFull):
        await asyncio.gather(*(batcher.ask(n) for n in range(3)))
    gate.set()
    await batcher.close()
    assert await asyncio.gather(*running) == [0, 1]
    with pytest.raises(Unavailable):
        await batcher.ask(9)
