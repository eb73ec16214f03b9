"""A served installation of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from halles.edge.ops.tests.serving import Serving


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """Not started yet."""
    made = Serving(tmp_path)
    yield made
    made.close()
