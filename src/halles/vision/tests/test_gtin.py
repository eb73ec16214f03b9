"""Codes into GTIN-14: published examples, and properties over all numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.vision.rules.gtin import check_digit, expand_upc_e, gtin14, gtin_of

_DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("upc_e", "upc_a"),
    [
        # GS1 General Specifications, "decoding of a UPC-E", one row for each last digit, and the zxing test images.
        ("01234505", "012000003455"),
        ("01234514", "012100003454"),
        ("01234523", "012200003453"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234558", "012345000058"),
        ("01234565", "012345000065"),
        ("01234572", "012345000072"),
        ("01234589", "012345000089"),
        ("01234596", "012345000096"),
        ("123457", "012345000072"),
        ("0123457", "012345000072"),
        ("11234562", "112345000062"),
    ],
)
def test_upc_e_becomes_upc_a(upc_e: str, upc_a: str) -> None:
    assert expand_upc_e(upc_e) == upc_a
    assert gtin_of("upc-e", upc_e) == "00" + upc_a


@pytest.mark.parametrize("wrong", ["", "12345", "123456789", "21234569", "01234566", "0123456x", "٠١٢٣٤٥"])
def test_what_is_no_upc_e(wrong: str) -> None:
    assert expand_upc_e(wrong) is None


@pytest.mark.parametrize(
    ("symbology", "text", "gtin"),
    [
        ("ean-13", "4006381333931", "04006381333931"),
        ("ean-8", "96385074", "00000096385074"),
        ("upc-a", "036000291452", "00036000291452"),
        ("itf-14", "10614141000415", "10614141000415"),
        ("ean-13", "4006381333932", None),
        ("ean-13", "0000000000000", None),
        ("qr-code", "https://id.gs1.org/01/09506000134352", "09506000134352"),
        ("qr-code", "https://example.com/some/path/01/9506000134352/10/ABC?3103=000195", "09506000134352"),
        ("qr-code", "HTTPS://EXAMPLE.COM/01/09506000134352/21/1234", "09506000134352"),
        ("qr-code", "https://example.com/gtin/09506000134352", "09506000134352"),
        ("qr-code", "https://example.com/01/09506000134353", None),
        ("qr-code", "https://example.com/101/09506000134352", None),
        ("qr-code", "https://[broken/01/09506000134352", None),
        ("qr-code", "https://example.com/", None),
        ("data-matrix", "(01)09506000134352(17)201225(10)ABC", "09506000134352"),
        ("data-matrix", "(17)201225(01)09506000134352", "09506000134352"),
        ("data-matrix", "]d20109506000134352172012251010ABC", "09506000134352"),
        ("data-matrix", "10ABC\x1d0109506000134352", "09506000134352"),
        ("data-matrix", "1720122501 09506000134352", None),
        ("code-128", "\x1d17201225010950600013435210ABC", "09506000134352"),
        ("code-128", "(02)09506000134352(37)12", "09506000134352"),
        ("code-128", "0109506000134353", None),
        ("code-128", "HELLO", None),
        ("qr-code", "WIFI:S:shop;T:WPA;P:4006381333931;;", None),
    ],
)
def test_what_a_code_names(symbology: str, text: str, gtin: str | None) -> None:
    assert gtin_of(symbology, text) == gtin


@given(st.sampled_from([7, 11, 12, 13]).flatmap(lambda n: st.text(_DIGITS, min_size=n, max_size=n)))
def test_a_number_with_its_check_digit_is_a_gtin_and_no_other_last_digit_is(body: str) -> None:
    right = check_digit(body)
    for last in range(10):
        found = gtin14(f"{body}{last}")
        if last == right and body.strip("0"):
            assert found == f"{body}{last}".zfill(14)
        else:
            assert found is None


@given(st.text(_DIGITS, min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(body: str, place: int, shift: int) -> None:
    digits = f"{body}{check_digit(body)}"
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    assert gtin14(wrong) is None


@given(st.sampled_from(["ean-13", "upc-e", "qr-code", "code-128"]), st.text())
def test_any_text_gives_a_gtin_or_none(symbology: str, text: str) -> None:
    found = gtin_of(symbology, text)
    assert found is None or gtin14(found) == found


@given(st.text(_DIGITS, min_size=6, max_size=6), st.sampled_from("01"))
def test_every_upc_e_has_a_upc_a_with_a_right_check_digit(body: str, system: str) -> None:
    upc_a = expand_upc_e(system + body)
    assert upc_a is not None
    assert check_digit(upc_a[:-1]) == int(upc_a[-1])
