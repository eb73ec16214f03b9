"""Areas, smoothing and wishes, by plain values and by properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.assortments.rules.areas import narrowest, region_of, told
from halles.assortments.rules.demand import expected
from halles.assortments.rules.wishes import check, width_of
from halles.assortments.types import BadWishes, Band, Limit, LimitKind, Width, Wishes


@given(st.lists(st.integers(0, 50), min_size=1, max_size=4).map(sorted), st.integers(2, 30))
def test_no_area_with_too_few_shoppers_is_looked_at(shoppers: list[int], least: int) -> None:
    at = narrowest(shoppers, least)
    assert (at is None) == (max(shoppers) < least)
    if at is not None:
        assert shoppers[at] >= least
        assert all(many < least for many in shoppers[:at])


def test_small_counts_are_not_told() -> None:
    assert [told(count, 10) for count in (0, 1, 9, 10, 41)] == [0, None, None, 10, 41]
    assert (region_of("FR", "75 003"), region_of("BE", "")) == ("FR-75", "BE")


counts = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 500)), min_size=1, max_size=30)


@given(counts)
def test_smoothed_demand_lies_between_area_and_country(rows: list[tuple[int, int]]) -> None:
    area = np.array([one for one, _ in rows], dtype=float)
    country = area + np.array([more for _, more in rows], dtype=float)
    found = expected(area, country)
    assert (found.demand > 0).all()
    assert ((found.trust >= 0) & (found.trust <= 1)).all()
    if area.sum():
        assert found.demand.sum() == pytest.approx(area.sum())
        share = 0.95 * country / country.sum() + 0.05 / len(area)
        ratio = area / (area.sum() * share)
        low, high = np.minimum(ratio, 1), np.maximum(ratio, 1)
        assert ((found.times >= low - 1e-9) & (found.times <= high + 1e-9)).all()


def test_noise_is_not_followed_and_a_difference_is() -> None:
    country = np.full(100, 1000.0)
    noise = np.random.default_rng(3).poisson(2.0, 100).astype(float)
    assert expected(noise, country).demand.max() < 0.5 * noise.max()
    differs = np.full(100, 20.0)
    differs[0] = 400.0
    found = expected(differs, country)
    assert found.times[0] > 10
    assert found.trust[0] > 0.8


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(samples=0),
        Wishes(samples=1, radius_km=7),
        Wishes(samples=1, days=1),
        Wishes(samples=1, width_cm=0),
        Wishes(samples=1, bands=(Band(from_minor=0, below_minor=10), Band(from_minor=5))),
        Wishes(samples=1, bands=(Band(from_minor=0, least_pct=60, most_pct=50),)),
        Wishes(samples=1, limits=(Limit(kind=LimitKind.BRAND, key="A", least=2, most=1),)),
        Wishes(samples=1, limits=(Limit(kind=LimitKind.BRAND, key="A"),) * 2),
    ],
)
def test_impossible_wishes(wishes: Wishes) -> None:
    with pytest.raises(BadWishes):
        check(wishes)


def test_the_nearest_category_says_the_width() -> None:
    wishes = Wishes(
        samples=1,
        width_cm=20,
        widths=(Width(category="home", width_cm=50), Width(category="home/lamps", width_cm=35)),
    )
    widths = [width_of(wishes, one) for one in ("home/lamps/desk", "home/chairs", "homeware", "home")]
    assert widths == [35, 50, 20, 50]
