"""A lane: shared by many, each of whom hears only of what they asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import psycopg
import pytest

from halles.kernel import lanes
from halles.kernel.db import Database, counting, query


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    a: int | None
    b: str
    c: UUID
    d: datetime
    e: date
    f: list[int]
    g: list[UUID | None]
    h: bool
    i: list[str]
    j: bytes


ECHO = query(
    """select %(a)s::bigint a, %(b)s::text b, %(c)s::uuid c, %(d)s::timestamptz d, %(e)s::date e, %(f)s::bigint[] f,
      %(g)s::uuid[] g, %(h)s::boolean h, %(i)s::text[] i, %(j)s::bytea j""",
    Echo,
)
DIVIDE = query("select 6 / %(by)s::int", int)
MOMENT = query("select txid_current_snapshot()::text || pg_sleep(0.01)::text", str)
KILL = query("select pg_terminate_backend(%(pid)s::int)", bool)
NUMBER = query("select pg_current_xact_id()::text", str)
PID = query("select pg_backend_pid()", int)
WRITE = query("create table if not exists lanes_table (id int)", int)


async def test_values_come_back_as_they_went(db: Database) -> None:
    sent = {
        "a": None,
        "b": "Élan",
        "c": uuid4(),
        "d": datetime(2026, 11, 22, 3, 4, 5, 678, tzinfo=UTC),
        "e": date(1999, 12, 31),
        "f": [-(2**40), 0, 7],
        "g": [uuid4(), None],
        "h": True,
        "i": ["", "ß"],
        "j": b"\0\1",
    }
    found = await lanes.reads(db).tx.one(ECHO, sent)
    assert {name: getattr(found, name) for name in sent} == sent


async def test_one_fails_and_the_others_do_not(db: Database) -> None:
    lane = lanes.reads(db)
    with counting() as counted:
        answers = await asyncio.gather(
            *(lane.ask((DIVIDE, {"by": by})) for by in (1, 0, 2, 0, 3)), return_exceptions=True
        )
    assert [answer for answer in answers if isinstance(answer, list)] == [[[6]], [[3]], [[2]]]
    assert all(isinstance(answers[n], psycopg.errors.DivisionByZero) for n in (1, 3))
    assert counted.statements == 5
    with pytest.raises(AttributeError):
        await lane.ask((DIVIDE, {"by": "not a number"}))
    assert await lane.ask((DIVIDE, {"by": 6})) == [[1]]


async def test_what_is_asked_together_sees_one_moment(db: Database) -> None:
    first, second = await lanes.reads(db).ask((MOMENT, None), (MOMENT, None))
    assert first == second


async def test_callers_of_one_moment_share_it_on_a_lane_that_reads(db: Database) -> None:
    """They hear the same, each in lists of their own; on a lane that writes each has a transaction."""
    found = await asyncio.gather(
        *(lanes.reads(db).ask((MOMENT, None), (DIVIDE, {"by": by})) for by in (1, 2))
    )
    assert found[0][0] == found[1][0]
    assert found[0][0] is not found[1][0]
    assert [rows[1] for rows in found] == [[6], [3]]
    numbers = await asyncio.gather(*(lanes.writes(db).ask((NUMBER, None)) for _ in range(3)))
    assert len({str(rows) for rows in numbers}) == 3


async def test_a_lane_for_reading_cannot_write(db: Database) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await lanes.reads(db).ask((WRITE, None))


async def test_a_lost_connection_is_replaced(db: Database) -> None:
    lane = lanes.reads(db)
    before = (await lane.ask((PID, None)))[0][0]
    async with db.reading() as tx:
        assert await tx.one(KILL, {"pid": before})
    after = (await lane.ask((PID, None)))[0][0]
    assert after != before
    asking = asyncio.create_task(lane.ask((MOMENT, None)))
    await asyncio.sleep(0)
    asking.cancel()
    assert (await lane.ask((PID, None)))[0][0] == after
