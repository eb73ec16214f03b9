"""Files of demand: what is read, and what is refused with its line."""

from __future__ import annotations

import pytest

from halles.assortments.types import BadHistory
from halles.journeys.assortment_planning.files import read_history, read_postcodes

HEAD = "country,postcode,sku,day,shoppers,sales"


def test_a_line() -> None:
    (row,) = read_history([HEAD, "gb, sw1a 1aa ,A-1,2026-03-01,4,9"])
    assert (row.country, row.postcode, row.sales, row.views, row.shoppers) == ("GB", "SW1A1AA", 9, 0, 4)


@pytest.mark.parametrize(
    "line",
    [
        "France,75003,A,2026-03-01,1,1",
        "FR,75003,A,01/03/2026,1,1",
        "FR,75003,A,2026-03-01,1,-1",
        "FR,75003,A,2026-03-01,0,5",
        "FR,,A,2026-03-01,1,1",
        "FR,75003,A,2026-03-01,1,99999999999",
    ],
)
def test_what_is_refused(line: str) -> None:
    with pytest.raises(BadHistory) as refused:
        read_history([HEAD, "FR,75003,A,2026-03-01,1,1", line])
    assert refused.value.fields["line"] == 3


def test_names_and_points_are_checked() -> None:
    with pytest.raises(BadHistory, match="lacks sku"):
        read_history(["country,postcode,day,shoppers"])
    with pytest.raises(BadHistory, match="Line 2"):
        read_postcodes(["country,postcode,latitude,longitude", "FR,75003,148.8,2.3"])
    with pytest.raises(BadHistory, match="Line 2"):
        read_postcodes(["country,postcode,latitude,longitude", "FR,75003,nan,2.3"])
