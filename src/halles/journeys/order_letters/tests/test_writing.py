"""What the mails say, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.journeys.order_letters import rules, words
from halles.journeys.order_letters.rules import Do, verdict
from halles.journeys.order_letters.types import Facts
from halles.journeys.order_letters.writing import write
from halles.kernel.money import included_tax
from halles.letters.types import Kind, Terms
from halles.orders.types import Address, Line, Option, Order, OrderState, PaymentState, TimelineEntry
from halles.promises.types import Shipment

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ID, PART = UUID(int=0x0199F3A27C1E7B6A9A510D7F6A3C2B10), UUID(int=0x0199F3A27C1E7B6A9A510D7F6A3C2B11)
LINK = f"https://shop.example/orders/{ID}#6b4c2f80.pQ3zV0cWm1nB7yXkT2uJ8sRd"
PROMISE: dict[str, Any] = {
    "kind": "delivery", "date": "2026-12-01", "latest": "2026-12-03", "lane": "hub", "from": "Roissy", "days": 3,
}  # fmt: skip


def line(variant: int, quantity: int, minor: int, tax_bp: int, title: str = "Chemise <lin>") -> Line:
    return Line(
        variant_id=variant,
        product_id=ID,
        title={"fr": title, "en": "Linen shirt"},
        quantity=quantity,
        unit_price_minor=minor,
        tax_bp=tax_bp,
        location_id=1,
        options=(Option(name="Taille", value={"und": "M"}),),
    )


def order(*lines: Line, **more: Any) -> Order:
    lines = lines or (line(1, 2, 129_00, 2000), line(2, 1, 10_55, 550))
    told: dict[str, Any] = {
        "seller_id": 2, "order_id": ID, "owner_id": 9, "touchpoint_id": None, "place_id": None,
        "total_minor": sum(one.total_minor for one in lines),
        "tax_minor": sum(included_tax(one.total_minor, one.tax_bp) for one in lines),
        "currency": "EUR", "state": OrderState.PLACED, "payment": PaymentState.HELD, "placed_at": NOW, "lines": lines,
        "promise": PROMISE, "email": None,
        "ship_to": Address(name="Camille Martin", line1="12 rue des Archives", postcode="75004", city="Paris", country="FR"),
    }  # fmt: skip
    return Order(**(told | more))


def terms(seller_id: int, **more: Any) -> Terms:
    told: dict[str, Any] = {
        "off": [],
        "legal": "",
        "withdrawal_days": 14,
        "withdrawal_fr": "",
        "withdrawal_en": "",
        "version": 0,
    }
    return Terms(seller_id=seller_id, **(told | more))


def facts(
    kind: Kind = Kind.CONFIRMATION,
    *family: Order,
    language: Literal["en", "fr"] = "fr",
    recipient: str | None = "camille@test.example",
    **more: Any,
) -> Facts:
    parts = family or (order(),)
    told: dict[str, Any] = {
        "names": {2: "Maison Exemple", 3: "Atelier"},
        "terms": {2: terms(2, legal="1 rue d’Exemple, 75001 Paris\nRCS Paris 000 000 000"), 3: terms(3)},
    }
    return Facts(
        kind=kind, order=parts[0], family=parts, recipient=recipient, language=language, **(told | more)
    )


def test_both_languages_have_the_same_words_with_the_same_holes() -> None:
    def holes(text: str) -> set[str]:
        return {piece.split("}")[0] for piece in text.split("{")[1:]}

    french, english = words.WORDS["fr"], words.WORDS["en"]
    assert french.keys() == english.keys()
    assert {word for word in french if holes(french[word]) != holes(english[word])} == set()
    assert words.COUNTRIES["fr"].keys() == words.COUNTRIES["en"].keys()


def test_the_confirmation_says_what_was_agreed() -> None:
    mail = write(facts(), LINK, "m1")
    assert mail.subject == "Votre commande H-FXN3-RARG est confirmée"
    for said in (
        "du samedi 21 novembre 2026",
        "Vendu par Maison Exemple\n1 rue d’Exemple, 75001 Paris\nRCS Paris 000 000 000",
        "2 × Chemise <lin>: 258,00\u00a0€\n  Taille: M\n  129,00\u00a0€ pièce",
        "Livraison: comprise\nTotal: 268,55\u00a0€\ndont TVA 20 %: 43,00\u00a0€\ndont TVA 5,5 %: 0,55\u00a0€",
        "Livraison prévue entre mardi 1er décembre 2026 et jeudi 3 décembre 2026.",
        "Adresse de livraison :\nCamille Martin\n12 rue des Archives\n75004 Paris\nFrance",
        "Payée avec votre portefeuille",
        "dans les 14 jours",
        LINK,
        "jusqu’au dimanche 21 novembre 2027",
    ):
        assert said in mail.text, said
    assert "Chemise &lt;lin&gt;" in mail.html
    assert "<lin>" not in mail.html
    assert f'href="{LINK}"' in mail.html


def test_in_english_too() -> None:
    mail = write(facts(language="en"), LINK, "m1")
    for said in (
        "Sold by Maison Exemple",
        "Total: €268.55",
        "including VAT 5.5%: €0.55",
        "Delivery address:",
        "within 14 days",
    ):
        assert said in mail.text, said


def test_what_each_seller_says_of_withdrawal_is_said_once() -> None:
    two = order(line(3, 1, 5_00, 2000), seller_id=3, order_id=PART, parent_id=ID)
    first = order(parent_id=ID)
    alike = write(facts(Kind.CONFIRMATION, first, two), LINK, "m1").text
    assert alike.count("Droit de rétractation") == 1
    assert "Numéro de cette partie : H-FXN3-RARH" in alike
    own = {2: terms(2, withdrawal_fr="Trente jours chez nous."), 3: terms(3)}
    each = write(facts(Kind.CONFIRMATION, first, two, terms=own), LINK, "m1").text
    assert "Droit de rétractation, Maison Exemple :\nTrente jours chez nous." in each
    assert "Droit de rétractation, Atelier :" in each


def test_a_part_that_was_cancelled_meanwhile_is_not_confirmed() -> None:
    gone = order(line(3, 1, 5_00, 2000), seller_id=3, order_id=PART, parent_id=ID, state=OrderState.CANCELLED)
    told = write(facts(Kind.CONFIRMATION, order(parent_id=ID), gone), LINK, "m1").text
    assert "Atelier" not in told
    assert "Total: 268,55\u00a0€" in told


def test_a_parcel_is_told_with_its_number() -> None:
    parcel = Shipment(
        seller_id=2, shipment_id=ID, order_id=ID, carrier="Colis du Marché", tracking="6A123", created_at=NOW
    )
    told = write(facts(Kind.SHIPPED, order(state=OrderState.SHIPPED), shipments=[parcel]), LINK, "m1").text
    assert "Colis du Marché, numéro de suivi 6A123" in told
    assert "Vendu par" not in told


def _entry(code: str, **detail: Any) -> TimelineEntry:
    return TimelineEntry(at=NOW, code=code, by="system", detail=detail or None)


@pytest.mark.parametrize(
    ("pay_by", "codes", "said"),
    [
        (None, ["orders.cancelled"], "de nouveau disponible"),
        (NOW, ["orders.cancelled"], "rien n’a été débité".capitalize()),
        (NOW, ["orders.expired"], "n’est pas arrivé à temps"),
        (NOW, ["orders.payment_received", "orders.cancelled"], "Ce que vous aviez payé par carte"),
    ],
)
def test_a_cancelled_order_says_where_the_money_is(
    pay_by: datetime | None, codes: list[str], said: str
) -> None:
    gone = order(state=OrderState.CANCELLED, payment=PaymentState.VOIDED, pay_by=pay_by)
    assert (
        said in write(facts(Kind.CANCELLED, gone, timeline=[_entry(code) for code in codes]), LINK, "m1").text
    )


def test_a_refund_tells_every_amount_that_is_back_on_the_card() -> None:
    back = [
        _entry("orders.card_refunded", amount="12.00 EUR"),
        _entry("orders.card_refunded", amount="3.50 EUR"),
    ]
    told = write(facts(Kind.REFUNDED, order(state=OrderState.DELIVERED), timeline=back), LINK, "m1").text
    assert "12,00\u00a0€" in told
    assert "3,50\u00a0€" in told


PICKUP = {**PROMISE, "kind": "pickup", "latest": None, "from": "Boutique du Marais"}


def test_what_is_collected_is_ready_and_never_shipped() -> None:
    packed = order(state=OrderState.PACKED, promise=PICKUP, ship_to=None)
    assert verdict(facts(Kind.READY, packed), NOW).do is Do.SEND
    told = write(facts(Kind.READY, packed), LINK, "m1").text
    assert "vous attend : Boutique du Marais." in told
    assert verdict(facts(Kind.READY, order(state=OrderState.PACKED)), NOW).why == "another_way"
    gone = replace(packed, state=OrderState.SHIPPED)
    assert verdict(facts(Kind.SHIPPED, gone), NOW).why == "another_way"


def test_who_is_confirmed() -> None:
    first, second = order(parent_id=ID), order(seller_id=3, order_id=PART, parent_id=ID)
    assert verdict(facts(Kind.CONFIRMATION, first, second), NOW).do is Do.SEND
    assert verdict(facts(Kind.CONFIRMATION, second, first), NOW).why == "with_first"
    unpaid = replace(second, payment=PaymentState.PENDING)
    assert verdict(facts(Kind.CONFIRMATION, first, unpaid), NOW).do is Do.WAIT
    gone = [replace(part, state=OrderState.CANCELLED) for part in (first, second)]
    assert verdict(facts(Kind.CONFIRMATION, *gone), NOW).why == "overtaken"
    assert verdict(facts(), NOW + timedelta(days=31)).why == "late"
    assert verdict(facts(recipient=None), NOW).why == "no_address"


@given(
    st.sampled_from(Kind),
    st.sampled_from(OrderState),
    st.sampled_from(PaymentState),
    st.booleans(),
    st.booleans(),
)
def test_what_is_turned_off_is_never_sent_and_the_confirmation_cannot_be(
    kind: Kind, state: OrderState, payment: PaymentState, collected: bool, known: bool
) -> None:
    made = order(state=state, payment=payment, promise=PICKUP if collected else PROMISE)
    whom = "camille@test.example" if known else None
    on = verdict(facts(kind, made, recipient=whom), NOW)
    off = verdict(facts(kind, made, recipient=whom, terms={2: terms(2, off=[2, 3, 4, 5, 6])}), NOW)
    assert off == on if kind is Kind.CONFIRMATION else off.why == "off"
    assert on.do is not Do.SEND or known
    if on.do is Do.SEND:
        assert write(facts(kind, made, recipient=whom), LINK, "m1").html.endswith("</html>")
    assert (on.do is Do.WAIT) <= (payment is PaymentState.PENDING and bool(rules.standing([made])))


BOUGHT = st.tuples(st.integers(1, 99), st.integers(0, 10**7), st.sampled_from([0, 210, 550, 1000, 2000]))


@given(st.lists(BOUGHT, min_size=1, max_size=8))
def test_the_tax_by_rate_adds_up_to_what_was_booked(bought: list[tuple[int, int, int]]) -> None:
    made = order(*(line(number, *one) for number, one in enumerate(bought)))
    told = write(facts(Kind.CONFIRMATION, made, language="en"), LINK, "m1").text
    rows = [text for text in told.splitlines() if text.startswith("including VAT")]
    minor = sum(int(text.rpartition("€")[2].replace(",", "").replace(".", "")) for text in rows)
    assert minor == made.tax_minor
    assert len(rows) == len({rate for _, _, rate in bought})
