"""GTINs and the codes that carry them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.catalog.rules.gtin import (
    check_digit,
    digital_link,
    expand_upc_e,
    parse_digital_link,
    parse_element_string,
    parse_gtin,
    readings,
    short_form,
)
from halles.catalog.types import BadCode, BadGtin, Gtin14, TradeItem

bodies = st.sampled_from([7, 11, 12, 13]).flatmap(
    lambda n: st.text("0123456789", min_size=n, max_size=n).filter(lambda s: s.strip("0") != "")
)
words = st.text(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-./+&%", min_size=1, max_size=20
).filter(lambda word: word not in {".", ".."})


@given(bodies)
def test_a_gtin_of_any_length_becomes_fourteen_digits_with_the_same_check_digit(body: str) -> None:
    gtin = body + check_digit(body)
    assert parse_gtin(gtin) == gtin.zfill(14)
    assert parse_gtin(parse_gtin(gtin)) == gtin.zfill(14)


@given(bodies, st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(body: str, at: int, shift: int) -> None:
    gtin = body + check_digit(body)
    at %= len(gtin)
    wrong = gtin[:at] + str((int(gtin[at]) + shift) % 10) + gtin[at + 1 :]
    with pytest.raises(BadGtin):
        parse_gtin(wrong)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_our_own_errors(text: str) -> None:
    for read in (parse_gtin, expand_upc_e, readings, parse_digital_link, parse_element_string):
        try:
            read(text)
        except (BadGtin, BadCode):
            continue


@pytest.mark.parametrize(
    ("upc_e", "upc_a"),
    [
        ("04252614", "042100005264"),
        ("01234565", "012345000065"),
        ("00123457", "001234000057"),
        ("06543217", "065100004327"),
        ("425261", "042100005264"),
    ],
)
def test_upc_e_expands_as_the_specification_says(upc_e: str, upc_a: str) -> None:
    assert expand_upc_e(upc_e) == upc_a.zfill(14)


def test_known_gtins() -> None:
    assert parse_gtin("4006381333931") == "04006381333931"
    assert parse_gtin("9638 5074") == "00000096385074"
    assert short_form("04006381333931") == "4006381333931"
    assert short_form("00000096385074") == "96385074"
    assert short_form("00042100005264") == "0042100005264"


@given(bodies, st.none() | words, st.none() | words, st.sampled_from([None, "271231"]))
def test_a_digital_link_reads_back_as_it_was_written(
    body: str, batch: str | None, serial: str | None, expiry: str | None
) -> None:
    gtin = parse_gtin(body + check_digit(body))
    item = TradeItem(gtin14=gtin, batch=batch, serial=serial, expiry=expiry)
    assert parse_digital_link(digital_link("https://id.example/brand", item)) == item


def test_digital_links_of_other_makers() -> None:
    expected = TradeItem(gtin14=Gtin14("09506000134352"), batch="ABC1", serial="12345", expiry="271231")
    uri = "https://example.com/some/path/01/9506000134352/10/ABC1/21/12345?17=271231&utm=x"
    assert parse_digital_link(uri) == expected
    assert readings("/01/09506000134352") == (TradeItem(gtin14=Gtin14("09506000134352")),)
    for bad in (
        "https://example.com/",
        "https://example.com/01/",
        "https://example.com/01/09506000134352/10",
        "https://[",
    ):
        with pytest.raises((BadCode, BadGtin)):
            parse_digital_link(bad)


def test_element_strings_bracketed_and_scanned() -> None:
    expected = TradeItem(gtin14=Gtin14("09506000134352"), batch="AB/C", serial="9", expiry="271231")
    assert parse_element_string("(01)09506000134352(17)271231(10)AB/C(21)9") == expected
    assert parse_element_string("]d2010950600013435217271231" + "10AB/C\x1d219") == expected
    assert parse_element_string("\x1d0109506000134352310300123410AB/C\x1d219\x1d17271231") == expected
    with pytest.raises(BadCode):
        parse_element_string("(10)ABC")


def test_eight_digits_may_be_read_in_two_ways() -> None:
    both = readings("04252614")
    assert "00042100005264" in [item.gtin14 for item in both]
    assert [item.gtin14 for item in readings("96385074")] == ["00000096385074"]
