"""Reading files: each format, and what people really send. No database."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from halles.journeys.product_import.importer import count, price_changes, read
from halles.journeys.product_import.reading import Format, look
from halles.journeys.product_import.types import BadFile, FirstStock, Offered, Options, RowError, Terms

HEADER = "id\titem_group_id\ttitle\tprice\tcolor\tsize\tgtin\tavailability\tsale_price\tproduct_type"


def parse(
    tmp_path: Path, content: str | bytes, *, options: Options | None = None, name: str = "f"
) -> tuple[list[Offered], list[RowError]]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = list(read(look(path, base=tmp_path), options or Options()))
    return [f for f in found if isinstance(f, Offered)], [f for f in found if isinstance(f, RowError)]


def test_a_google_table_with_variants_that_do_not_stand_together(tmp_path: Path) -> None:
    rows = [
        "a-36\ta\tTrench\t189.00 EUR\tSand\t36\t4006381333931\tin stock\t\tFashion > Coats & Jackets",
        "b\t\tBread\t3,20 EUR\t\t\t\tin_stock\t\t",
        "a-38\ta\tTrench\t189.00 EUR\tSand\t38\t\tout_of_stock\t149.00 EUR\tFashion > Coats & Jackets",
    ]
    good, bad = parse(tmp_path, "\n".join([HEADER, *rows]))
    assert bad == []
    bread, coat = good
    assert coat.draft.external_id == "a"
    assert coat.rows == 2
    assert (coat.draft.category, coat.draft.family) == ("fashion/coats-jackets", "fashion")
    assert coat.category_title == {"und": "Coats & Jackets"}
    assert [v.sku for v in coat.draft.variants] == ["a-36", "a-38"]
    assert [o.value for o in coat.draft.variants[1].options] == [{"und": "Sand"}, {"und": "38"}]
    assert coat.draft.variants[0].gtin14 == "04006381333931"
    assert coat.draft.variants[1].offer == "paused"
    assert coat.terms == (
        Terms(sku="a-36", currency="EUR", minor=18900),
        Terms(sku="a-38", currency="EUR", minor=18900, sale_minor=14900),
    )
    assert bread.terms[0].minor == 320


def test_bad_rows_are_named_by_line_field_and_reason_and_good_ones_kept(tmp_path: Path) -> None:
    rows = [
        "ok\t\tFine\t1.00 EUR",
        "\t\tNo id\t1.00 EUR",
        "x1\t\t\t1.00 EUR",
        "x2\t\tNo price\t",
        "x3\t\tOdd price\tfree",
        "x4\t\tToo exact\t1.234 EUR",
        "x5\t\tBad code\t1.00 EUR\t\t\t4006381333932",
        "ok\t\tAgain\t1.00 EUR",
        "x6\t\tDear sale\t1.00 EUR\t\t\t\t\t2.00 EUR",
        "x7\t\tOther money\t1.00 EUR\t\t\t\t\t0.50 USD",
        "x8\t\tWhere?\t1.00 EUR\t\t\t\tmaybe",
        "x9\t\tNegative\t-1.00 EUR",
        "ok2\t\tFine too\t2.00 EUR",
        "x10\t\tWide\t1 EUR" + "\t" * 8 + "surplus",
    ]
    good, bad = parse(tmp_path, "\n".join([HEADER, *rows]))
    assert [offered.draft.external_id for offered in good] == ["ok", "ok2"]
    assert [(error.line, error.field) for error in bad] == [
        (3, "id"), (4, "title"), (5, "price"), (6, "price"), (7, "price"), (8, "gtin"), (9, "id"), (10, "sale_price"),
        (11, "sale_price"), (12, "availability"), (13, "price"), (15, "row"),
    ]  # fmt: skip
    assert all(error.reason for error in bad)


def test_quoted_line_breaks_keep_the_line_numbers_right(tmp_path: Path) -> None:
    content = 'sku,name,description,price\n1,"Two\nlines","a ""b""",1 EUR\n2,Bad,x,nothing\n'
    good, bad = parse(tmp_path, content)
    assert good[0].draft.title == {"und": "Two\nlines"}
    assert [error.line for error in bad] == [4]


@pytest.mark.parametrize(
    ("encoded", "noted"),
    [
        ("id,title,price\n1,Été,1 EUR".encode("utf-8-sig"), False),
        ("id,title,price\n1,Été,1 EUR".encode("utf-16"), False),
        ("id;title;price\n1;Été;1 EUR\n".encode("cp1252"), True),
        ("id|title|price\r\n1|Été|1 EUR\r\n".encode(), False),
    ],
)
def test_encodings_and_delimiters(tmp_path: Path, encoded: bytes, noted: bool) -> None:
    (tmp_path / "f").write_bytes(encoded)
    source = look(tmp_path / "f", base=tmp_path)
    (found,) = read(source, Options())
    assert isinstance(found, Offered)
    assert found.draft.title == {"und": "Été"}
    assert (source.note is not None) == noted


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n",
        b"PK\x03\x04xxxx",
        gzip.compress(b"id,title", mtime=0),
        b"%PDF-1.7",
        b"just words",
        b"[{}]",
        b"price,name\n1,2",
    ],
)
def test_files_that_are_no_product_files_are_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(BadFile) as refused:
        list(read(look(tmp_path / "f", base=tmp_path), Options()))
    assert "f" in refused.value.message


RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
{items}
</channel></rss>"""
ITEM = """<item>
  <title>{title}</title><g:id>{id}</g:id><g:price>{price}</g:price><g:image_link>https://x.example/{id}.jpg</g:image_link>
  <g:additional_image_link>https://x.example/2.jpg</g:additional_image_link><g:additional_image_link>https://x.example/3.jpg</g:additional_image_link>
  <g:unit_pricing_measure>500 g</g:unit_pricing_measure><g:shipping><g:country>FR</g:country><g:price>4 EUR</g:price></g:shipping>
</item>"""


def test_rss_with_the_line_of_each_item(tmp_path: Path) -> None:
    items = [
        ITEM.format(id=1, title="One &amp; only", price="12.40 EUR"),
        ITEM.format(id=2, title="Two", price="x"),
    ]
    good, bad = parse(tmp_path, RSS.format(items="\n".join(items)))
    assert good[0].draft.title == {"und": "One & only"}
    assert good[0].terms[0].minor == 1240
    assert good[0].pictures == (
        "https://x.example/1.jpg",
        "https://x.example/2.jpg",
        "https://x.example/3.jpg",
    )
    assert good[0].draft.variants[0].content is not None
    assert [(error.line, error.field) for error in bad] == [(8, "price")]


def test_atom_and_cdata_and_other_encodings(tmp_path: Path) -> None:
    atom = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">'
        "<entry><id>tag:1</id><title>Plain</title><g:id>7</g:id><g:title><![CDATA[Crème <fraîche>]]></g:title>"
        "<g:price>1 EUR</g:price></entry></feed>"
    )
    good, bad = parse(tmp_path, atom.encode("latin-1"))
    assert bad == []
    assert good[0].draft.external_id == "7"
    assert good[0].draft.title == {"und": "Crème <fraîche>"}


@pytest.mark.parametrize(
    "content",
    [
        RSS.format(items=ITEM.format(id=1, title="One", price="1 EUR"))[:-20],
        '<!DOCTYPE r [<!ENTITY a "b">]><rss><channel><item><title>&a;</title></item></channel></rss>',
        '<!DOCTYPE r SYSTEM "file:///etc/passwd"><rss/>',
        "<rss><channel></channel></rss>",
        "<html><body>404</body></html>",
    ],
)
def test_xml_that_breaks_off_or_plays_tricks_is_refused_whole(tmp_path: Path, content: str) -> None:
    (tmp_path / "f.xml").write_text(content)
    with pytest.raises(BadFile):
        count(look(tmp_path / "f.xml", base=tmp_path))


LINE = (
    '{"id":"jam","brand":"Garrigue","family":"groceries","category":"groceries/sweet","title":{"en":"Jam","fr":"Confiture"},"origin":"FR",'
    '"attributes":{"ingredients":{"en":"Apricot","fr":"Abricot"}},"tax_category":"reduced","lane":"hub","images":["images/jam.webp"],'
    '"variants":[{"sku":"jam-370","gtin":"04006381333931","options":{},"prices":{"EUR":540,"CNY":4400},"images":["images/jam.webp"],'
    '"content":{"amount":370,"unit":"g"},"weight_g":600,"stock":{"Roissy hub":12}}]}'
)


def test_json_lines(tmp_path: Path) -> None:
    good, bad = parse(tmp_path, LINE)
    assert bad == []
    (jam,) = good
    assert jam.draft.title == {"en": "Jam", "fr": "Confiture"}
    assert jam.terms == (
        Terms(sku="jam-370", currency="EUR", minor=540),
        Terms(sku="jam-370", currency="CNY", minor=4400),
    )
    assert jam.stock == (FirstStock(sku="jam-370", location="Roissy hub", quantity=12),)
    assert jam.draft.variants[0].content is not None


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("{", "row"),
        ('{"id":"a"}', "row"),
        (LINE.replace('"EUR":540', '"EUR":5.4'), "variants[0].prices[...]"),
        (LINE.replace('"EUR":540', '"EURO":540'), "variants[0].prices"),
        (LINE.replace('"lane":"hub"', '"lane":"moon"'), "lane"),
        (LINE.replace("04006381333931", "04006381333932"), "gtin"),
        (LINE.replace('"unit":"g"', '"unit":"stone"'), "content"),
        (LINE.replace('"id":"jam"', '"id":"jam","surprise":1'), "row"),
        (LINE.replace('"prices":{"EUR":540,"CNY":4400}', '"prices":{}'), "prices"),
    ],
)
def test_json_lines_that_cannot_be_read(tmp_path: Path, line: str, field: str) -> None:
    good, bad = parse(tmp_path, f"{LINE.replace('jam', 'other')}\n\n{line}\n")
    assert len(good) == 1
    assert [error.line for error in bad] == [3]
    assert bad[0].field.startswith(field.split("[", 1)[0])


def test_ids_and_skus_come_once(tmp_path: Path) -> None:
    good, bad = parse(tmp_path, "\n".join([LINE, LINE, LINE.replace('"id":"jam"', '"id":"jam2"')]))
    assert len(good) == 1
    assert [(error.line, error.field) for error in bad] == [(2, "id"), (3, "sku")]


def test_formats_are_told_by_content(tmp_path: Path) -> None:
    for content, expected in (
        (LINE, Format.JSONL),
        (RSS.format(items=""), Format.XML),
        (HEADER, Format.TABLE),
    ):
        (tmp_path / "products.dat").write_text(content)
        assert look(tmp_path / "products.dat", base=None).format == expected


def test_sales_begin_and_end() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)

    def steps(begin: int | None, end: int | None) -> list[tuple[int, int | None, int]]:
        terms = Terms(
            sku="a", currency="EUR", minor=1000, sale_minor=700,
            sale_from=None if begin is None else now + timedelta(days=begin),
            sale_to=None if end is None else now + timedelta(days=end),
        )  # fmt: skip
        return [(c.minor, c.regular_minor, (c.valid_from - now).days) for c in price_changes(terms, 1, now)]

    assert steps(None, None) == [(700, 1000, 0)]
    assert steps(2, 5) == [(1000, None, 0), (700, 1000, 2), (1000, None, 5)]
    assert steps(-2, 5) == [(700, 1000, 0), (1000, None, 5)]
    assert steps(-5, -2) == [(1000, None, 0)]
