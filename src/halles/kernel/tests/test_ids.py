import time

import pytest

from halles.kernel.ids import BadId, derived_uuid, parse_uuid, uuid7


def test_uuid7_has_its_version_and_its_moment() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_uuid7_sorts_by_time_and_never_repeats() -> None:
    assert uuid7(1) < uuid7(2)
    assert len({uuid7(5) for _ in range(10_000)}) == 10_000


def test_derived_ids_repeat_and_do_not_collide_across_parts() -> None:
    assert derived_uuid("a", "b") == derived_uuid("a", "b")
    assert derived_uuid("a", "bc") != derived_uuid("ab", "c")
    assert derived_uuid("a").int >> 76 & 0xF == 8


def test_a_text_that_is_no_uuid_is_refused() -> None:
    with pytest.raises(BadId):
        parse_uuid("42; drop table")
