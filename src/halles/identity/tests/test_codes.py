"""Signing in with a mailed code: the happy way, the guesser, the curious, the guest."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from halles.edge.tests.door import browser
from halles.identity import api
from halles.identity.adapters.mail import DemoMailbox
from halles.identity.types import CodeRequested, GuestBecame, Mail, MailUnavailable
from halles.kernel import outbox
from halles.kernel.clock import FixedClock
from halles.kernel.db import Database, query
from halles.kernel.relay import Reaction, Relay
from halles.kernel.settings import Settings

CAMILLE = "camille@example.com"
_EVENTS = query("select kind || ' ' || body::text from kernel.waiting_event order by at, seq", str)
_EVERYTHING = query("select coalesce(string_agg(c::text, ' '), '') from identity.email_code c", str)
_ATTEMPTS = query("select attempts from identity.email_code", int)


async def mailed(db: Database, clock: FixedClock, settings: Settings) -> str:
    """Deliver the outbox and read the newest code in the mailbox."""
    sender = api.CodeSender(DemoMailbox(db), api.vault(settings), clock)
    relay = Relay(
        db, [Reaction(event=CodeRequested, name="identity.mail_code", run=sender, outside=True, most=1)]
    )
    await relay.drain()
    async with db.reading() as tx:
        code = (await api.mailbox(tx))[0].code
    assert code is not None
    return code


async def ask(phone: httpx.AsyncClient, email: str = CAMILLE, locale: str = "fr") -> httpx.Response:
    return await phone.post("/api/sign-in/code", json={"email": email, "locale": locale})


async def enter(phone: httpx.AsyncClient, code: str, email: str = CAMILLE) -> httpx.Response:
    return await phone.post("/api/sign-in/code/verify", json={"email": email, "code": code})


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_a_code_signs_in_once(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock, settings: Settings
) -> None:
    assert (await ask(phone, " Camille@Example.COM ")).status_code == 202
    code = await mailed(db, clock, settings)
    answer = await enter(phone, f"{code[:3]} {code[3:]}")
    assert answer.status_code == 200
    assert answer.json()["signed_in"] is True
    assert answer.json()["email"] == CAMILLE
    assert answer.json()["locale"] == "en"
    assert (await phone.get("/api/me")).json()["email"] == CAMILLE
    again = await enter(phone, code)
    assert (again.status_code, again.json()["code"]) == (401, "identity.code_refused")


async def test_the_mail_speaks_the_readers_language(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock, settings: Settings
) -> None:
    await ask(phone, locale="fr")
    code = await mailed(db, clock, settings)
    mail = (await phone.get("/api/demo/mailbox")).json()[0]
    assert mail["subject"] == f"Votre code Halles : {code}"
    assert (mail["to"], mail["code"]) == (CAMILLE, code)
    assert f"{code[:3]} {code[3:]}" in mail["text"]


async def test_five_wrong_entries_kill_a_code(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock, settings: Settings
) -> None:
    await ask(phone)
    code = await mailed(db, clock, settings)
    for _ in range(5):
        assert (await enter(phone, other(code))).status_code == 401
    assert (await enter(phone, code)).json()["code"] == "identity.code_refused"
    async with db.reading() as tx:
        assert await tx.one(_ATTEMPTS) == 5


async def test_attempts_at_the_same_moment_are_all_counted(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock, settings: Settings
) -> None:
    await ask(phone)
    code = await mailed(db, clock, settings)
    answers = await asyncio.gather(*(enter(phone, other(code)) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {401}
    assert (await enter(phone, code)).status_code == 401


async def test_a_right_code_sent_twice_at_once_makes_one_session(
    shop: FastAPI, phone: httpx.AsyncClient, db: Database, clock: FixedClock, settings: Settings
) -> None:
    await ask(phone)
    code = await mailed(db, clock, settings)
    async with browser(shop) as second:
        answers = await asyncio.gather(enter(phone, code), enter(second, code))
    assert sorted(answer.status_code for answer in answers) == [200, 401]


async def test_a_code_dies_after_ten_minutes(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock, settings: Settings
) -> None:
    await ask(phone)
    code = await mailed(db, clock, settings)
    clock.at += timedelta(minutes=10)
    assert (await enter(phone, code)).status_code == 401


async def test_a_new_code_replaces_the_old_one(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock, settings: Settings
) -> None:
    await ask(phone)
    first = await mailed(db, clock, settings)
    await ask(phone)
    second = await mailed(db, clock, settings)
    assert first == second or (await enter(phone, first)).status_code == 401
    assert (await enter(phone, second)).status_code == 200


async def test_nothing_tells_whether_an_address_has_an_account(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock, settings: Settings
) -> None:
    """Same answer, same statements, same event, for an account and for nobody; same refusal for a wrong code of either."""
    async with db.transaction() as tx:
        await api.create_person(tx, CAMILLE, now=clock())
    known, unknown = await ask(phone, CAMILLE), await ask(phone, "nobody@example.com")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    async with db.reading() as tx:
        kinds = [event.split()[0] for event in await tx.all(_EVENTS)]
    assert kinds == ["identity.code_requested"] * 2
    refusals = [
        await enter(phone, "000000", email) for email in (CAMILLE, "nobody@example.com", "never@example.com")
    ]
    bodies = [{**answer.json(), "request_id": None} for answer in refusals]
    assert bodies[0] == bodies[1] == bodies[2]


async def test_a_code_never_lies_about_in_clear(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock, settings: Settings
) -> None:
    await ask(phone)
    async with db.reading() as tx:
        events, rows = await tx.all(_EVENTS), await tx.one(_EVERYTHING)
    code = await mailed(db, clock, settings)
    assert code not in "".join(events)
    assert code not in rows
    assert "$argon2id$" in rows


def test_a_seal_opens_only_for_its_address_and_secret(settings: Settings) -> None:
    vault, other_vault = api.vault(settings), api.Vault(b"x" * 40)
    sealed = vault.seal("identity.mail", "123456", CAMILLE)
    assert vault.open("identity.mail", sealed, CAMILLE) == "123456"
    assert vault.open("identity.mail", sealed, "mallory@example.com") is None
    assert vault.open("another", sealed, CAMILLE) is None
    assert other_vault.open("identity.mail", sealed, CAMILLE) is None
    raw = bytearray(base64.urlsafe_b64decode(sealed))
    raw[-1] ^= 1
    assert vault.open("identity.mail", base64.urlsafe_b64encode(bytes(raw)).decode(), CAMILLE) is None


async def test_asking_too_often_is_refused_in_every_process(
    phone: httpx.AsyncClient, shop: FastAPI, clock: FixedClock
) -> None:
    """The limit is kept in the database: another browser from the same network meets it too, another address does not."""
    for _ in range(5):
        assert (await ask(phone)).status_code == 202
    async with browser(shop) as second:
        refused = await ask(second)
        assert (refused.status_code, refused.json()["code"]) == (429, "identity.too_many_codes")
        assert refused.headers["retry-after"] == str(15 * 60)
        assert (await ask(second, "sam@example.com")).status_code == 202
    clock.at += timedelta(minutes=15)
    assert (await ask(phone)).status_code == 202


@pytest.mark.parametrize(
    "email", ["", "camille", "a@b", "a b@example.com", "a@exa mple.com", "a@x.com\r\nBcc: b@x.com", "é" * 300]
)
async def test_what_is_no_address_is_refused(phone: httpx.AsyncClient, email: str) -> None:
    assert (await ask(phone, email)).status_code == 422


async def test_without_mail_outside_the_demo_it_says_so(
    db: Database, clock: FixedClock, settings: Settings
) -> None:
    from halles.edge.tests.door import app_of
    from halles.identity.http import router

    real = settings.model_copy(update={"demo": False})
    async with browser(app_of(db, clock, real, router)) as phone:
        assert (await ask(phone)).json()["code"] == "identity.mail_not_configured"
        for path in ("/api/demo/mailbox", "/api/demo/accounts"):
            assert (await phone.get(path)).status_code == 404
        answer = await phone.post("/api/demo/sign-in", json={"email": "sam@demo.halles.example"})
        assert answer.json()["code"] == "identity.not_in_demo"


# ── guests ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_guest_with_a_new_address_becomes_an_account_in_place(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock, settings: Settings
) -> None:
    guest = (await phone.post("/api/guest")).json()
    assert (guest["guest"], guest["signed_in"], guest["roles"]) == (True, False, ["shopper"])
    assert (await phone.post("/api/guest")).json()["party_id"] == guest["party_id"], (
        "who has a session keeps it"
    )
    await ask(phone)
    me = (await enter(phone, await mailed(db, clock, settings))).json()
    assert (me["party_id"], me["guest"], me["signed_in"]) == (guest["party_id"], False, True)
    async with db.reading() as tx:
        assert not [event for event in await tx.all(_EVENTS) if event.startswith(GuestBecame.kind)]


async def test_a_guest_with_a_known_address_is_merged_into_the_account(
    phone: httpx.AsyncClient, db: Database, clock: FixedClock, settings: Settings
) -> None:
    async with db.transaction() as tx:
        camille = await api.create_person(tx, CAMILLE, now=clock(), name="Camille")
    guest = (await phone.post("/api/guest")).json()["party_id"]
    old_cookie = phone.cookies["halles_session"]
    await ask(phone)
    me = (await enter(phone, await mailed(db, clock, settings))).json()
    assert (me["party_id"], me["name"]) == (camille, "Camille")
    async with db.reading() as tx:
        merged = [event for event in await tx.all(_EVENTS) if event.startswith(GuestBecame.kind)]
        assert len(merged) == 1
        assert f'"old_party_id": {guest}' in merged[0]
        assert f'"party_id": {camille}' in merged[0]
        assert await api.find_session(tx, old_cookie, clock()) is None, "every session of the guest ended"
    assert outbox.partition_of(GuestBecame(old_party_id=guest, party_id=camille).key()) >= 0


async def test_logs_know_neither_codes_nor_tokens_nor_addresses(
    phone: httpx.AsyncClient,
    db: Database,
    clock: FixedClock,
    settings: Settings,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The whole way in, a failure of the mail server included."""

    class Broken:
        async def send(self, mail: Mail) -> None:
            raise MailUnavailable("The mail server does not take mail now.")

    await ask(phone)
    sender = api.CodeSender(Broken(), api.vault(settings), clock)
    await Relay(
        db, [Reaction(event=CodeRequested, name="identity.mail_code", run=sender, outside=True, most=1)]
    ).drain(limit=1)
    await enter(phone, "000000")
    await ask(phone)
    code = await mailed_now(db, clock, settings)
    await enter(phone, code)
    token = phone.cookies["halles_session"]
    said = capfd.readouterr()
    text = said.out + said.err + caplog.text
    assert code not in text
    assert token not in text
    assert CAMILLE not in text


async def mailed_now(db: Database, clock: FixedClock, settings: Settings) -> str:
    """The code of the newest event, read as the mailer would, without waiting for the outbox's next try."""
    async with db.reading() as tx:
        body = json.loads((await tx.all(_EVENTS))[-1].split(" ", 1)[1])
    code = api.vault(settings).open("identity.mail", body["sealed"], CAMILLE)
    assert code is not None
    return code
