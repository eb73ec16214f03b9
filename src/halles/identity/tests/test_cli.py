"""`halles identity` on a real database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from halles.identity import api
from halles.identity.api import codes
from halles.identity.cli import app
from halles.identity.types import MisplacedRole
from halles.kernel.caller import Role, Use
from halles.kernel.clock import system_clock
from halles.kernel.db import Database, query
from halles.kernel.running import serving
from halles.kernel.settings import load

SAM = "sam@example.com"
_WAITING = query("select count(*)::int from kernel.waiting_event", int)


@pytest.fixture(autouse=True)
def _here(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLES_DATABASE_URL", dsn)
    monkeypatch.setenv("HALLES_DATA", str(tmp_path))


async def run(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(words))


async def test_an_account_is_made_and_given_roles(db: Database) -> None:
    made = await run(
        "create-user", SAM, "--name", "Sam", "--role", "staff", "--seller", "1001", "--seller", "1002"
    )
    assert made.exit_code == 0, made.output
    party_id = int(made.output.split()[1])
    assert (await run("grant", SAM, "head_office", "--seller", "1001")).output == "granted\n"
    assert (await run("revoke", SAM, "staff", "--seller", "1002")).output == "1 taken\n"
    async with db.reading() as tx:
        grants = await api.roles_of(tx, party_id)
    assert [(grant.role, grant.seller_id) for grant in grants] == [
        (Role.HEAD_OFFICE, 1001),
        (Role.STAFF, 1001),
    ]
    assert (await run("grant", "nobody@example.com", "staff")).exit_code == 1


async def test_the_operator_is_of_no_seller_and_head_office_of_one(db: Database) -> None:
    await run("create-user", SAM)
    assert (await run("grant", SAM, "operator")).output == "granted\n"
    for words in (("operator", "--seller", "1001"), ("head_office",)):
        refused = await run("grant", SAM, *words)
        assert isinstance(refused.exception, MisplacedRole)
    async with db.reading() as tx:
        found = await api.find_by_email(tx, SAM)
        assert found is not None
        grants = await api.roles_of(tx, found)
    assert [(grant.role, grant.seller_id) for grant in grants] == [(Role.OPERATOR, None)]
    assert (await run("revoke", SAM, "operator")).output == "1 taken\n"


async def test_a_printed_code_signs_in_without_mail(db: Database) -> None:
    await run("create-user", SAM)
    told = (await run("code", SAM.upper())).output
    code = told.split()[0]
    assert told.rstrip().endswith(f": http://localhost:8000/sign-in?email=sam%40example.com&code={code}")
    vault = api.vault(load())
    async with db.transaction() as tx:
        hashed = await codes.try_code(tx, SAM, system_clock())
        waiting = await tx.one(_WAITING)
    assert await codes.fits(vault, hashed, SAM, code)
    assert waiting == 0
    assert (await run("code", "nobody@example.com")).exit_code == 1


async def test_a_code_names_the_server_that_runs(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run("create-user", SAM)
    page = "/sign-in?email=sam%40example.com"
    with serving(load().model_copy(update={"public_url": "https://192.168.1.7:8443"})):
        assert f": https://192.168.1.7:8443{page}" in (await run("code", SAM)).output
        monkeypatch.setenv("HALLES_PUBLIC_URL", "https://shop.example.com/")
        assert f": https://shop.example.com{page}" in (await run("code", SAM)).output
        monkeypatch.delenv("HALLES_PUBLIC_URL")
    assert f": http://localhost:8000{page}" in (await run("code", SAM)).output
    for left in (b"", b"[]", b'{"pid": 4194399, "address": "http://localhost:9"}', b'{"address": 3}'):
        (tmp_path / "serving.json").write_bytes(left)
        assert f": http://localhost:8000{page}" in (await run("code", SAM)).output


async def test_a_key_is_narrowed_and_listed_so(db: Database) -> None:
    await run("create-user", SAM)
    words = ("--name", "street door", "--seller", "1001", "--use", "counting", "--place", "7")
    token = (await run("api-key", "create", SAM, *words)).output.strip()
    async with db.reading() as tx:
        session = await api.find_session(tx, token, system_clock())
    assert session is not None
    assert (session.uses, session.place_ids) == (frozenset({Use.COUNTING}), frozenset({7}))
    assert "only counting at places [7]  street door" in (await run("api-key", "list")).output
    assert (await run("api-key", "create", SAM, "--name", "x", "--use", "all")).exit_code == 2


async def test_a_key_is_printed_once_and_revoked(db: Database) -> None:
    await run("create-user", SAM)
    token = (
        await run("api-key", "create", SAM, "--name", "till", "--seller", "1001", "--scope", "read")
    ).output.strip()
    async with db.reading() as tx:
        session = await api.find_session(tx, token, system_clock())
    assert session is not None
    assert (session.roles, session.scopes) == (frozenset({Role.SERVICE}), frozenset({"read"}))
    listed = (await run("api-key", "list")).output
    assert "till" in listed
    assert token not in listed
    assert (await run("api-key", "revoke", token.split("_")[1])).output == "revoked\n"
    async with db.reading() as tx:
        assert await api.find_session(tx, token, system_clock()) is None


async def test_sessions_are_listed_and_ended(db: Database) -> None:
    party_id = int((await run("create-user", SAM)).output.split()[1])
    async with db.transaction() as tx:
        signed_in = await api.start_session(
            tx, party_id, agent="Firefox Android", now=system_clock(), days=30
        )
    assert "Firefox on Android" in (await run("sessions", SAM)).output
    assert "all ended" in (await run("sessions", SAM, "--end")).output
    async with db.reading() as tx:
        assert await api.find_session(tx, signed_in.token, system_clock()) is None
