"""Labels, contents and proofs against a real PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from halles.kernel.db import Database, Tx
from halles.shelf_labels import api
from halles.shelf_labels.api import messages
from halles.shelf_labels.types import (
    Acknowledgement,
    GatewayTaken,
    LabelDraft,
    Outgoing,
    ShelfLabel,
    UnknownGateway,
    UnknownLabel,
    Verdict,
)

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SELLER = 7
DRAFT = LabelDraft(label_code="L1", gateway_id="g1", product_id=UUID(int=1), variant_id=11, position="B4")


async def begin(tx: Tx) -> None:
    for name in ("g1", "g2"):
        await api.add_gateway(tx, SELLER, name, place_id=1, name=name, key_sealed="sealed", now=NOW)
    drafts = [
        DRAFT,
        replace(DRAFT, label_code="L2", variant_id=12),
        replace(DRAFT, label_code="L3", gateway_id="no"),
    ]
    assert await api.put_labels(tx, SELLER, drafts, NOW) == 2, "a gateway that is not there has no labels"


async def want(tx: Tx, price: int, now: datetime) -> int:
    found = await api.to_look_at(tx, now, 10)
    changed = await api.desire(tx, [(label, {"price": price}) for label in found], now)
    await api.look_later(
        tx, {(label.seller_id, label.label_code): now + timedelta(hours=1) for label in found}
    )
    return changed


def proof(one: Outgoing) -> Acknowledgement:
    return Acknowledgement(label=one.label_code, version=one.version, hash=messages.hash_of(one.body), mac="")


async def label(tx: Tx, code: str = "L1") -> ShelfLabel:
    return next(one for one in await api.labels(tx, SELLER) if one.label_code == code)


async def test_from_wanted_to_proved(db: Database) -> None:
    async with db.transaction() as tx:
        await begin(tx)
        assert await want(tx, 100, NOW) == 2
        assert await api.take_due(tx, NOW - timedelta(seconds=1)) == []
        first, second = await api.take_due(tx, NOW)
        assert (first.label_code, second.label_code, first.version) == ("L1", "L2", 1)
        assert await api.take_due(tx, NOW) == []
        (again,) = [
            one for one in await api.take_due(tx, NOW + timedelta(seconds=5)) if one.label_code == "L1"
        ]
        assert again.body == first.body, "a try is the same content"
        assert await api.confirm(tx, SELLER, "g1", proof(first), NOW) is Verdict.CONFIRMED
        assert await api.confirm(tx, SELLER, "g1", proof(first), NOW) is Verdict.REPEATED
        shown = await label(tx)
        assert (shown.confirmed_version, shown.send_at) == (1, None)
        assert (await label(tx, "L2")).send_at is not None
        assert (await api.confirmed_contents(tx, SELLER)).keys() == {"L1"}
        assert (await api.find_gateway(tx, SELLER, "g1")).heard_at == NOW


async def test_a_price_that_changes_while_the_proof_is_on_its_way(db: Database) -> None:
    later = NOW + timedelta(minutes=1)
    async with db.transaction() as tx:
        await begin(tx)
        await want(tx, 100, NOW)
        old = (await api.take_due(tx, NOW))[0]
        assert await api.look_at_variants(tx, [(SELLER, 11), (8, 12)], later) == 1
        assert await want(tx, 120, later) == 1
        assert await api.confirm(tx, SELLER, "g1", proof(old), later) is Verdict.CONFIRMED
        now = await label(tx)
        assert (now.version, now.confirmed_version) == (2, 1), (
            "it shows the old price, and that is what is known"
        )
        assert now.send_at is not None
        new = next(one for one in await api.take_due(tx, later) if one.label_code == "L1")
        assert await api.confirm(tx, SELLER, "g1", proof(new), later) is Verdict.CONFIRMED
        assert await api.confirm(tx, SELLER, "g1", proof(old), later) is Verdict.OUTDATED
        assert (await label(tx)).confirmed_version == 2


async def test_lies_are_counted_and_change_nothing(db: Database) -> None:
    async with db.transaction() as tx:
        await begin(tx)
        await want(tx, 100, NOW)
        unsent = Acknowledgement(label="L1", version=1, hash=str((await label(tx)).hash), mac="")
        assert await api.confirm(tx, SELLER, "g1", unsent, NOW) is Verdict.NEVER_SENT
        one = (await api.take_due(tx, NOW))[0]
        wrong = replace(proof(one), hash="0" * 64)
        for _ in range(3):
            assert await api.confirm(tx, SELLER, "g1", wrong, NOW) is Verdict.WRONG_CONTENT
        assert await api.confirm(tx, SELLER, "g2", proof(one), NOW) is Verdict.NOT_ITS_LABEL
        for n in range(5):
            made_up = replace(proof(one), label=f"x{n}")
            assert await api.confirm(tx, SELLER, "g2", made_up, NOW) is Verdict.UNKNOWN_LABEL
        assert await api.confirm(tx, 8, "g1", proof(one), NOW) is Verdict.UNKNOWN_LABEL, "another seller's"
        assert (await label(tx)).confirmed_version == 0
        found = {(r.gateway_id, r.reason, r.label_code): r.count for r in await api.refusals(tx, SELLER)}
    assert found == {
        ("g1", "never_sent", "L1"): 1,
        ("g1", "wrong_content", "L1"): 3,
        ("g2", "not_its_label", "L1"): 1,
        ("g2", "unknown_label", ""): 5,
    }


async def test_a_label_that_moves_or_comes_back_is_proved_anew(db: Database) -> None:
    async with db.transaction() as tx:
        await begin(tx)
        await want(tx, 100, NOW)
        old = (await api.take_due(tx, NOW))[0]
        await api.confirm(tx, SELLER, "g1", proof(old), NOW)
        await api.put_labels(tx, SELLER, [replace(DRAFT, gateway_id="g2")], NOW)
        assert await want(tx, 100, NOW) == 1, "the same content, but elsewhere"
        assert await api.confirm(tx, SELLER, "g1", proof(old), NOW) is Verdict.NOT_ITS_LABEL
        moved = await label(tx)
        assert (moved.version, moved.confirmed_version) == (2, 1)
        await api.remove_label(tx, SELLER, "L1")
        with pytest.raises(UnknownLabel):
            await api.remove_label(tx, SELLER, "L1")
        await api.put_labels(tx, SELLER, [DRAFT], NOW)
        assert await want(tx, 100, NOW) == 1
        assert (await label(tx)).version == 3, "versions never begin again"


async def test_a_gateway_that_comes_back_is_sent_what_it_missed(db: Database) -> None:
    soon = NOW + timedelta(seconds=1)
    async with db.transaction() as tx:
        await begin(tx)
        await want(tx, 100, NOW)
        one, _ = await api.take_due(tx, NOW)
        await api.confirm(tx, SELLER, "g1", proof(one), NOW)
        assert await api.take_due(tx, soon) == []
        assert await api.send_again(tx, SELLER, soon, gateway_id="g1") == 1
        (missed,) = await api.take_due(tx, soon)
        assert missed.label_code == "L2"
        assert await api.forget_old(tx, soon) == 0
        with pytest.raises(GatewayTaken):
            await api.add_gateway(tx, SELLER, "g1", place_id=1, name="x", key_sealed="y", now=NOW)
        with pytest.raises(UnknownGateway):
            await api.find_gateway(tx, 8, "g1")
