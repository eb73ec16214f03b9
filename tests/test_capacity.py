"""The page on capacity is what its table gives, and the sum behaves as a sum."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _tool() -> Any:
    spec = importlib.util.spec_from_file_location("capacity", ROOT / "tools" / "capacity.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CAPACITY = _tool()
PAGE = CAPACITY.PAGE.read_text()


def test_the_page_is_what_its_table_gives() -> None:
    assert CAPACITY.written(PAGE) == PAGE, "run `python tools/capacity.py`"


def test_a_changed_figure_changes_the_page_and_keeps_the_table() -> None:
    changed = PAGE.replace("| `orders_per_s` | 325,000 |", "| `orders_per_s` | 650,000 |")
    again = CAPACITY.written(changed)
    assert "650,000 orders" in again
    assert CAPACITY.read(again) == CAPACITY.read(changed)
    twice, once = CAPACITY.computed(CAPACITY.read(changed)), CAPACITY.computed(CAPACITY.read(PAGE))
    assert twice["writer_cores"] == pytest.approx(2 * once["writer_cores"])
    assert twice["all_machines"] > once["all_machines"]


def test_the_machines_carry_the_peak_without_a_zone() -> None:
    given = CAPACITY.read(PAGE)
    for cores in (0.1, 30.0, 38.4, 38.5, 500.0):
        left = CAPACITY.machines(cores, given) * (given["zones"] - 1) / given["zones"]
        assert left * given["machine_cores"] * given["busy_share"] >= cores - 1e-6


def test_a_figure_that_is_missing_is_told() -> None:
    with pytest.raises(KeyError, match="wal_bytes"):
        CAPACITY.written(PAGE.replace("| `wal_bytes`", "| `wal_octets`"))
