"""How acknowledgements are judged and contents signed: pure, against a gateway and a radio that do their worst."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halles.shelf_labels.rules import check_gateway_name, check_label_code, judge, messages, state_of, wait_s
from halles.shelf_labels.types import (
    Acknowledgement,
    BadMessage,
    BadName,
    LabelState,
    SentContent,
    ShelfLabel,
    Verdict,
)

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
KEY = b"k" * 32
TOPIC = messages.topic(7, "g1", "ack")
LABEL = ShelfLabel(
    seller_id=7, label_code="L1", gateway_id="g1", place_id=1, product_id=UUID(int=1), variant_id=1, position="", version=0,
    content=None, hash=None, desired_at=None, attempts=0, send_at=None, sent_at=None, confirmed_version=0, confirmed_at=None,
)  # fmt: skip


def content(version: int, *, sent: bool = True, gateway: str = "g1") -> SentContent:
    body = messages.body_of("L1", version, f"nonce{version}", {"price": version})
    return SentContent(
        seller_id=7, label_code="L1", version=version, gateway_id=gateway, hash=messages.hash_of(body), body=body, made_at=NOW,
        sent_at=NOW if sent else None, confirmed_at=None, confirmed_hash=None,
    )  # fmt: skip


def ack(version: int, hash_: str | None = None) -> Acknowledgement:
    return Acknowledgement(label="L1", version=version, hash=hash_ or content(version).hash, mac="")


@given(
    st.lists(st.one_of(st.just("new"), st.just("send"), st.integers(1, 6), st.integers(-6, -1)), max_size=40)
)
def test_whatever_arrives_in_whatever_order_only_what_was_sent_is_confirmed(
    steps: list[str | int],
) -> None:
    """`new`: another content; `send`: it is sent; n: a right proof of version n; -n: a wrong one. Doubled, reordered, made up."""
    version, confirmed, sent, proved = 0, 0, set[int](), set[int]()
    for step in steps:
        if step == "new":
            version += 1
        elif step == "send":
            sent |= {version} if version else set()
        else:
            number = abs(int(step))
            label = replace(LABEL, version=version, confirmed_version=confirmed, desired_at=NOW)
            known = content(number, sent=number in sent) if number <= version else None
            said = ack(number) if int(step) > 0 else ack(number, "0" * 64)
            verdict = judge(said, "g1", label, known)
            proved |= {number} if int(step) > 0 and number in sent else set()
            if verdict is Verdict.CONFIRMED:
                assert number > confirmed
                confirmed = number
            assert verdict.refused == (int(step) < 0 or number not in sent)
        assert confirmed == max(proved, default=0)
        assert confirmed <= version


def test_a_gateway_confirms_its_own_labels_alone() -> None:
    label = replace(LABEL, version=3, desired_at=NOW)
    assert judge(ack(3), "g1", None, None) is Verdict.UNKNOWN_LABEL
    assert judge(ack(3), "g2", label, content(3)) is Verdict.NOT_ITS_LABEL
    assert judge(ack(3), "g1", label, content(3, gateway="g2")) is Verdict.NEVER_SENT, (
        "it hung elsewhere then"
    )
    assert judge(ack(3), "g1", label, content(3)) is Verdict.CONFIRMED
    assert judge(ack(4), "g1", label, content(4)) is Verdict.NEVER_SENT


def test_what_is_not_proved_in_time_is_unconfirmed() -> None:
    wanted = replace(LABEL, version=2, desired_at=NOW, confirmed_version=1)
    assert state_of(LABEL, NOW, 60) is LabelState.EMPTY
    assert state_of(wanted, NOW + timedelta(seconds=60), 60) is LabelState.SENDING
    assert state_of(wanted, NOW + timedelta(seconds=61), 60) is LabelState.UNCONFIRMED
    assert state_of(replace(wanted, confirmed_version=2), NOW + timedelta(days=9), 60) is LabelState.CONFIRMED


def test_tries_back_off() -> None:
    waits = [wait_s(attempt) for attempt in range(1, 40)]
    assert waits[:4] == [5, 10, 20, 40]
    assert waits == sorted(waits)
    assert waits[-1] == 600


@given(st.text(max_size=20), st.integers(1, 2**40), st.binary(min_size=1, max_size=40))
def test_signatures_are_of_the_key_the_topic_and_every_word(label: str, version: int, other: bytes) -> None:
    digest = messages.hash_of("x")
    said = messages.read_ack(messages.ack_message(KEY, TOPIC, label, version, digest))
    assert messages.proved(KEY, TOPIC, said)
    assert not messages.proved(KEY, messages.topic(7, "g2", "ack"), said)
    assert not messages.proved(KEY, TOPIC, replace(said, version=version + 1))
    assert not messages.proved(KEY, TOPIC, replace(said, hash="0" * 64))
    if other != KEY:
        assert not messages.proved(other, TOPIC, said)


def test_a_content_that_was_touched_is_not_shown() -> None:
    topic = messages.topic(7, "g1", "set/L1")
    body = messages.body_of("L1", 1, "n", {"price": "1,00 €"})
    sent = messages.set_message(KEY, topic, body)
    assert messages.read_set(KEY, topic, sent)[1]["content"] == {"price": "1,00 €"}
    for payload, on in (
        (sent.replace(b"1,00", b"9,00"), topic),
        (sent, messages.topic(7, "g1", "set/L2")),
        (b"{}", topic),
        (b"\xff", topic),
        (b"x" * 9000, topic),
    ):
        with pytest.raises(BadMessage):
            messages.read_set(KEY, on, payload)


def test_a_hello_ages() -> None:
    topic = messages.topic(7, "g1", "hello")
    hello = messages.hello_message(KEY, topic, 1_000_000)
    assert messages.read_hello(KEY, topic, hello, 1_000_500)
    assert not messages.read_hello(KEY, topic, hello, 1_400_000)
    assert not messages.read_hello(b"other", topic, hello, 1_000_500)


@given(st.binary(max_size=200))
def test_noise_is_no_acknowledgement(noise: bytes) -> None:
    with pytest.raises(BadMessage):
        messages.read_ack(noise)


@pytest.mark.parametrize("text", ["", "x", "halles-labels/a/g/ack", "halles-labels/7/g", "other/7/g/ack"])
def test_other_topics(text: str) -> None:
    with pytest.raises(BadMessage):
        messages.read_topic(text)


def test_names_that_fit_a_topic() -> None:
    assert check_gateway_name("marais-1") == "marais-1"
    assert check_label_code("A0-17-3F") == "A0-17-3F"
    for bad in ("", "a/b", "+", "#", "é", "x" * 41):
        with pytest.raises(BadName):
            check_gateway_name(bad)
        with pytest.raises(BadName):
            check_label_code(bad)
