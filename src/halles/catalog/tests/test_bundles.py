"""Shops as phones carry them: the algebra of snapshots and deltas, what is honoured, and the same kept in PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from halles.catalog import api as catalog
from halles.catalog.rules.bundles import ShownTerms, apply, difference, digest, kept
from halles.kernel.db import Database

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
SHOP = (2, 7, "EUR", "fr")
_states = st.dictionaries(
    st.sampled_from(["p:1", "p:2", "v:1", "v:2", "w:0"]), st.sampled_from(["{}", "[]", "1"])
)
_minutes = st.integers(0, 4 * 24 * 60).map(lambda n: timedelta(minutes=n))


@given(_states, _states)
def test_a_snapshot_with_its_delta_is_the_new_snapshot(before: dict[str, str], after: dict[str, str]) -> None:
    assert apply(before, difference(before, after)) == after
    assert (difference(before, after) == {}) == (before == after)


@given(st.lists(_states, min_size=1, max_size=6))
def test_a_phone_that_missed_some_ends_where_one_that_missed_none_does(states: list[dict[str, str]]) -> None:
    phone: dict[str, str] = {}
    for before, after in zip([{}, *states], states, strict=False):
        phone = apply(phone, difference(before, after))
    assert phone == states[-1] == apply({}, difference({}, states[-1]))
    assert digest(phone) == digest(states[-1])


@given(_states, _states)
def test_two_states_share_a_digest_only_when_they_are_the_same(
    one: dict[str, str], two: dict[str, str]
) -> None:
    assert (digest(one) == digest(two)) == (one == two)


@given(_minutes, st.integers(0, 100), st.none() | _minutes, st.none() | _minutes, st.integers(0, 72))
def test_a_price_is_honoured_in_its_window_alone(
    age: timedelta, minor: int, end: timedelta | None, called: timedelta | None, hours: int
) -> None:
    """Whatever is claimed: what counts is that it was ours, that it is recent, not called back and not announced to be over."""
    shown_at = NOW - age
    ends = None if end is None else NOW - end
    terms = ShownTerms(seller_id=2, honour_hours=hours, not_before=None if called is None else NOW - called)
    found = kept(shown_at, minor, (50, ends), terms, NOW)
    stands = (
        minor == 50
        and age <= timedelta(hours=hours)
        and (called is None or age <= called)
        and (ends is None or ends > NOW)
    )
    assert (found is None) == stands


def test_what_was_never_shown_and_what_is_to_come_are_not_honoured() -> None:
    terms = ShownTerms(seller_id=2, honour_hours=24, not_before=None)
    assert kept(NOW, 50, None, terms, NOW) == "never_shown"
    assert kept(NOW + timedelta(seconds=1), 50, (50, None), terms, NOW) == "never_shown"


async def _save(db: Database, entries: dict[str, str], at: datetime = NOW) -> catalog.Bundle:
    async with db.transaction() as tx:
        assert await catalog.lock_bundle(tx, SHOP)
        return await catalog.save_bundle(tx, SHOP, entries, left_out=0, read_at=at)


async def test_versions_move_when_something_changed_and_say_what_is_gone(db: Database) -> None:
    first = await _save(db, {"p:1": "{}", "p:2": "{}"})
    again = await _save(db, {"p:1": "{}", "p:2": "{}"}, NOW + timedelta(minutes=1))
    assert (first.version, again.version) == (1, 1)
    assert again.read_at > first.read_at
    second = await _save(db, {"p:2": "[]", "v:9": "1"})
    async with db.reading() as tx:
        told = await catalog.bundle_entries(tx, second, first.version)
        whole = await catalog.bundle_entries(tx, second)
    assert {entry.key: entry.body for entry in told} == {"p:1": None, "p:2": "[]", "v:9": "1"}
    assert {entry.key: entry.body for entry in whole} == {"p:2": "[]", "v:9": "1"}
    assert second.digest == digest({"p:2": "[]", "v:9": "1"})


async def test_a_phone_away_for_longer_than_is_remembered_starts_afresh(db: Database) -> None:
    first = await _save(db, {"p:1": "{}", "p:2": "{}"})
    second = await _save(db, {"p:2": "{}"})
    late = await _save(db, {"p:2": "[]"}, NOW + timedelta(days=31))
    assert second.knows(first.bundle_id, first.version)
    assert not late.knows(first.bundle_id, first.version)
    assert late.knows(first.bundle_id, second.version)


async def test_what_was_called_back_stays_so(db: Database) -> None:
    async with db.transaction() as tx:
        usual = (await catalog.shown_terms(tx, [2]))[2]
        called = await catalog.save_shown_terms(
            tx, ShownTerms(seller_id=2, honour_hours=6, not_before=NOW), NOW
        )
        changed = await catalog.save_shown_terms(
            tx, ShownTerms(seller_id=2, honour_hours=9, not_before=None), NOW
        )
    assert (usual.honour_hours, usual.not_before) == (24, None)
    assert called.not_before == changed.not_before == NOW
    assert changed.honour_hours == 9
