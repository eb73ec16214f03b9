"""The catalogue's door against a real PostgreSQL."""

from dataclasses import replace
from decimal import Decimal

import pytest

from halles.catalog import api
from halles.catalog.types import (
    Content,
    Gtin14,
    Image,
    Named,
    OfferState,
    Picture,
    ProductChangedMeanwhile,
    ProductDraft,
    ProductEdit,
    State,
    UnknownProduct,
    VariantDraft,
)
from halles.kernel.db import Database, counting, query
from halles.kernel.ids import uuid7

SELLER = 7
_EVENTS = query("select kind from kernel.waiting_event order by kind", str)


def draft(number: int, **changes: object) -> ProductDraft:
    made = ProductDraft(
        external_id=f"p{number}",
        title={"en": f"Wool coat {number}", "fr": f"Manteau écru {number}"},
        brand="Atelier Rivoli",
        family="fashion",
        category="fashion/coats",
        attributes=(Named(name="material", value={"en": "Wool", "fr": "Laine"}),),
        images=(Image(name="a" * 40 + ".webp", width=100, height=120),),
        variants=(
            VariantDraft(
                sku=f"s{number}-36",
                gtin14=Gtin14("04006381333931") if number == 1 else None,
                options=(Named(name="size", value={"und": "36"}),),
                content=Content(amount=Decimal("0.75"), unit="l"),
            ),
            VariantDraft(sku=f"s{number}-38", options=(Named(name="size", value={"und": "38"}),)),
        ),
    )
    return replace(made, **changes)


async def test_saving_twice_writes_once_and_a_change_only_itself(db: Database) -> None:
    drafts = [draft(n) for n in range(3)]
    async with db.transaction() as tx:
        first = await api.save_products(tx, SELLER, drafts)
    assert (first.created, first.changed, first.unchanged) == (3, 0, 0)
    assert first.new_variant_ids == frozenset(first.variant_ids.values())
    async with db.transaction() as tx:
        with counting() as counter:
            again = await api.save_products(tx, SELLER, drafts)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 3)
    assert again.variant_ids == first.variant_ids
    assert counter.statements == 3
    changed = [drafts[0], replace(drafts[1], brand="Another"), drafts[2]]
    async with db.transaction() as tx:
        third = await api.save_products(tx, SELLER, changed)
        events = await tx.all(_EVENTS)
    assert (third.created, third.changed, third.unchanged) == (0, 1, 2)
    assert third.touched == {"p1"}
    assert not third.new_variant_ids
    assert events.count("catalog.product_changed") == 4


async def test_a_variant_that_is_gone_is_ended_and_keeps_its_id(db: Database) -> None:
    async with db.transaction() as tx:
        first = await api.save_products(tx, SELLER, [draft(1)])
        less = draft(1, variants=draft(1).variants[:1])
        await api.save_products(tx, SELLER, [less])
        gone = (await api.load_variants(tx, SELLER, [first.variant_ids["s1-38"]]))[first.variant_ids["s1-38"]]
        assert gone.offer == OfferState.ENDED
        assert not gone.buyable
        (card,) = await api.search(tx, SELLER)
        assert card.variants == 1
        back = await api.save_products(tx, SELLER, [draft(1)])
        assert back.variant_ids == first.variant_ids
        spared = await api.save_products(tx, SELLER, [less], spare={"s1-38"})
        assert spared.changed == 1
        (card,) = await api.search(tx, SELLER)
        assert card.variants == 2


async def test_products_come_back_as_they_were_saved(db: Database) -> None:
    async with db.transaction() as tx:
        saved = await api.save_products(tx, SELLER, [draft(1), draft(2)])
        (card, _) = await api.search(tx, SELLER)
        product = (await api.load_products(tx, SELLER, [card.product_id]))[card.product_id]
        assert product.title == draft(1).title
        assert product.images == draft(1).images
        assert [variant.sku for variant in product.variants] == ["s1-36", "s1-38"]
        assert product.variants[0].content == Content(amount=Decimal("0.75"), unit="l")
        info = (await api.load_variants(tx, SELLER, [saved.variant_ids["s1-36"]]))[saved.variant_ids["s1-36"]]
        assert info.content == Content(amount=Decimal("0.75"), unit="l")
        assert info.image == "a" * 40 + ".webp"
        assert info.buyable
        (ref,) = await api.find_by_gtin(tx, None, ["04006381333931"])
        assert ref.variant_id == saved.variant_ids["s1-36"]
        assert await api.find_by_gtin(tx, SELLER + 1, ["04006381333931"]) == []
        assert await api.search(tx, SELLER + 1) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("coat", 3),
        ("coats", 3),
        ("manteaux", 3),
        ("ECRU", 3),
        ("écru", 3),
        ("man", 3),
        ("laine", 3),
        ("rivoli", 3),
        ("manteua", 3),
        ("s2-38", 1),
        ("4006381333931", 1),
        ("sofa", 0),
        ("coat -wool", 0),
        ("'); drop table x; --", 0),
        ("& | ! :*", 0),
        ("\x00", 3),
    ],
)
async def test_search_reads_what_people_type(db: Database, asked: str, found: int) -> None:
    async with db.transaction() as tx:
        await api.save_products(tx, SELLER, [draft(n) for n in range(3)])
        assert len(await api.search(tx, SELLER, q=asked)) == found


@pytest.mark.parametrize("asked", [None, "coat"])
async def test_pages_hold_every_product_once_in_order(db: Database, asked: str | None) -> None:
    async with db.transaction() as tx:
        await api.save_products(tx, SELLER, [draft(n) for n in range(23)])
        seen: list[str] = []
        after = None
        while page := await api.search(tx, SELLER, q=asked, after=after, limit=5):
            after = (page[-1].score, str(page[-1].product_id))
            seen.extend(card.title["en"] for card in page)
        assert sorted(seen) == sorted(f"Wool coat {n}" for n in range(23))
        if asked is None:
            assert seen == [f"Wool coat {n}" for n in range(23)]


async def test_categories_include_what_lies_below(db: Database) -> None:
    async with db.transaction() as tx:
        await api.save_products(
            tx, SELLER, [draft(1), draft(2, category="fashion/coats/long"), draft(3, category="home")]
        )
        await api.save_categories(tx, SELLER, {"home": {"fr": "Maison"}})
        assert len(await api.search(tx, SELLER, category="fashion")) == 2
        assert len(await api.search(tx, SELLER, category="fashion/coats")) == 2
        assert len(await api.search(tx, SELLER, category="fash")) == 0
        found = await api.categories(tx, SELLER)
    assert [(c.category, c.count) for c in found] == [
        ("fashion/coats", 1),
        ("fashion/coats/long", 1),
        ("home", 1),
    ]
    assert found[2].title == {"fr": "Maison"}


async def test_an_edit_names_the_version_it_saw(db: Database) -> None:
    async with db.transaction() as tx:
        await api.save_products(tx, SELLER, [draft(1)])
        (card,) = await api.search(tx, SELLER)
        edit = ProductEdit(
            title={"en": "Coat"},
            description={},
            brand=None,
            category="other",
            attributes=(),
            state=State.HIDDEN,
        )
        assert await api.edit_product(tx, SELLER, card.product_id, 1, edit) == 2
        with pytest.raises(ProductChangedMeanwhile):
            await api.edit_product(tx, SELLER, card.product_id, 1, edit)
        with pytest.raises(UnknownProduct):
            await api.edit_product(tx, SELLER, uuid7(), 1, edit)
        assert await api.search(tx, SELLER) == []
        assert (await api.save_products(tx, SELLER, [draft(1)])).unchanged == 1, "the feed did not change"
        assert (await api.load_products(tx, SELLER, [card.product_id]))[card.product_id].title == {
            "en": "Coat"
        }


async def test_pictures_are_remembered_by_source(db: Database) -> None:
    picture = Picture(source="https://x.example/a.jpg", name="b" * 40 + ".webp", width=1, height=2)
    async with db.transaction() as tx:
        await api.save_pictures(tx, SELLER, [picture, picture])
        assert await api.known_pictures(tx, SELLER, [picture.source, "other"]) == {picture.source: picture}


def test_flaws_are_named() -> None:
    assert api.flaws(draft(1)) == []
    twice = draft(1, variants=(VariantDraft(sku="a"), VariantDraft(sku="b")))
    assert [field for field, _ in api.flaws(twice)] == ["options"]
    assert [field for field, _ in api.flaws(draft(1, title={}, variants=()))] == ["title", "variants"]
