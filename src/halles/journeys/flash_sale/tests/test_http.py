"""A sale as shoppers and staff meet it, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import httpx

from halles.flash import api as flash
from halles.flash import rules
from halles.flash.types import Ticket
from halles.journeys.checkout.tests.small_shop import Shop
from halles.journeys.flash_sale.api import (
    FlashRooms,
    TicketDesk,
    admission_key,
)
from halles.journeys.flash_sale.tests.sales import START, at, join, plan, solve
from halles.journeys.flash_sale.tickets import asking
from halles.journeys.flash_sale.types import Live
from halles.kernel.caller import Caller
from halles.kernel.clock import FixedClock
from halles.kernel.db import counting
from halles.kernel.ids import PartyId, uuid7
from halles.kernel.live import LiveHub
from halles.kernel.web import Services

ClientAs = Callable[[str], Awaitable[httpx.AsyncClient]]


async def test_from_the_waiting_room_to_an_admission(
    client: httpx.AsyncClient, client_as: ClientAs, services: Services, clock: FixedClock, shop: Shop
) -> None:
    sale_id = await plan(services.db, shop)
    page = (await client.get(f"/api/flash/{sale_id}")).json()
    assert (page["counter"]["phase"], page["counter"]["left"], page["title"]) == (
        "before",
        10,
        "Coats at noon",
    )
    assert page["items"][0]["price"] == {"minor": 900, "currency": "EUR"}
    assert page["items"][0]["was_price"] == {"minor": 1200, "currency": "EUR"}
    people = [await client_as("shopper") for _ in range(6)]
    early = await people[0].post(f"/api/flash/{sale_id}/ticket", json={})
    assert (early.status_code, early.json()["code"]) == (409, "flash.not_started")

    await at(services, clock, -200)
    tickets = [await join(person, sale_id) for person in people]
    assert [ticket["number"] for ticket in tickets] == [1, 2, 3, 4, 5, 6]
    assert {ticket["state"] for ticket in tickets} == {"waiting"}
    assert all(ticket["place"] is None and ticket["admission"] is None for ticket in tickets)

    await at(services, clock, 0)
    shown = [(await person.get(f"/api/flash/{sale_id}/ticket")).json() for person in people]
    assert sorted(ticket["place"] for ticket in shown) == [1, 2, 3, 4, 5, 6]
    turn = {ticket["place"]: ticket["state"] for ticket in shown}
    assert [turn[place] for place in range(1, 7)] == ["your_turn"] * 4 + ["waiting"] * 2
    last = next(ticket for ticket in shown if ticket["place"] == 6)
    assert (last["ahead"], last["enough"]) == (1, True)
    assert last["eta_s"] > 0

    counter = (await client.get(f"/api/flash/{sale_id}")).json()
    assert counter["counter"]["drawn"] == 6
    assert rules.commitment(bytes.fromhex(counter["counter"]["seed"])) == page["commitment"]
    places = rules.draw(bytes.fromhex(counter["counter"]["seed"]), sale_id, 6)
    assert [ticket["place"] for ticket in shown] == list(places)

    first = people[[ticket["place"] for ticket in shown].index(1)]
    admitted = (await first.post(f"/api/flash/{sale_id}/ticket", json={})).json()
    assert admitted["state"] == "admitted"
    admission = rules.read_admission(admission_key(services.settings), admitted["admission"])
    assert admission is not None
    assert admission.sale_id == sale_id
    assert admission.until_s == int((START + timedelta(seconds=120)).timestamp())
    again = (await first.post(f"/api/flash/{sale_id}/ticket", json={})).json()
    assert again["admission"] == admitted["admission"]

    await at(services, clock, 121)
    assert (await first.get(f"/api/flash/{sale_id}/ticket")).json()["state"] == "lost"
    asked = (await first.post(f"/api/flash/{sale_id}/ticket", json={"again": True})).json()
    renewed = (await first.post(f"/api/flash/{sale_id}/ticket", json={"again": True, **solve(asked)})).json()
    assert renewed["number"] == renewed["place"] == 7


async def test_a_forged_cookie_is_no_ticket(
    client_as: ClientAs, services: Services, clock: FixedClock, shop: Shop
) -> None:
    sale_id = await plan(services.db, shop)
    await at(services, clock, -100)
    honest, thief = await client_as("shopper"), await client_as("shopper")
    await join(honest, sale_id)
    name = f"halles_ticket_{sale_id.hex[-12:]}"
    stolen = honest.cookies[name]
    for text in (stolen, stolen[:-1] + ("A" if stolen[-1] != "A" else "B"), "nonsense"):
        thief.cookies.set(name, text, domain="localhost.local", path=f"/api/flash/{sale_id}")
        answer = await thief.get(f"/api/flash/{sale_id}/ticket")
        assert (answer.status_code, answer.json()["code"]) == (404, "flash.no_ticket")


async def test_one_ticket_a_person_in_any_number_of_windows(
    client_as: ClientAs, services: Services, clock: FixedClock, shop: Shop
) -> None:
    sale_id = await plan(services.db, shop)
    await at(services, clock, -100)
    person = await client_as("guest")
    first = await join(person, sale_id)
    person.cookies.delete(f"halles_ticket_{sale_id.hex[-12:]}")
    assert (await join(person, sale_id))["number"] == first["number"]
    visitor = await client_as("visitor")
    assert (await visitor.post(f"/api/flash/{sale_id}/ticket", json={})).status_code == 401


async def test_a_turn_admits_who_took_it_up_and_no_other_guest_of_the_browser(
    client_as: ClientAs, services: Services, clock: FixedClock, shop: Shop
) -> None:
    sale_id = await plan(services.db, shop)
    await at(services, clock, -100)
    browser = await client_as("guest")
    await join(browser, sale_id)
    await at(services, clock, 0)
    path = f"/api/flash/{sale_id}/ticket"
    assert (await browser.post(path, json={})).json()["admission"] is not None
    first = (await browser.get("/api/me")).json()["party_id"]
    browser.cookies.delete("halles_session")
    (await browser.post("/api/guest")).raise_for_status()
    second = (await browser.get("/api/me")).json()["party_id"]
    assert first != second
    for answer in (await browser.get(path), await browser.post(path, json={})):
        assert (answer.json()["state"], answer.json()["admission"]) == ("lost", None)
    async with services.db.transaction() as tx:
        await flash.hand_over(tx, first, second)
    assert (await browser.get(path)).json()["admission"] is not None


async def test_work_that_was_not_done_gives_no_ticket(
    client_as: ClientAs, services: Services, clock: FixedClock, shop: Shop
) -> None:
    sale_id = await plan(services.db, shop)
    await at(services, clock, -100)
    person, other = await client_as("shopper"), await client_as("shopper")
    path = f"/api/flash/{sale_id}/ticket"
    asked = (await person.post(path, json={})).json()
    done = solve(asked)
    lazy = next(str(n) for n in range(100) if rules.zero_bits(f"{asked['challenge']}:{n}") < asked["bits"])
    for client, body in ((person, {**done, "nonce": lazy}), (other, done)):
        answer = await client.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "flash.proof_needed")
    assert (await person.post(path, json=done)).status_code == 200


async def test_two_processes_share_a_sale(
    client_as: ClientAs, services: Services, clock: FixedClock, shop: Shop
) -> None:
    """Each reads for itself; together they let in at one rate, draw one line, and count all watchers."""
    sale_id = await plan(services.db, shop, quantity=100, admit_per_s=1.0)
    other = FlashRooms(services.db, clock, LiveHub(services.db))
    try:
        await at(services, clock, -100)
        await other.live(sale_id)
        for _ in range(12):
            await join(await client_as("shopper"), sale_id)
        mine = services.port(FlashRooms)
        mine.watching(sale_id, 3)
        other.watching(sale_id, 4)
        for second in range(6):
            clock.at = START + timedelta(seconds=second)
            await mine.refresh()
            await other.refresh()
        await mine.refresh()
        here, there = await mine.live(sale_id), await other.live(sale_id)
        assert here.standing.admitted_to == there.standing.admitted_to == 2 + 5
        assert here.places == there.places
        assert here.standing.watchers == 7
        mine.watching(sale_id, -3)
        other.watching(sale_id, -4)
    finally:
        await other.close()


async def test_everybody_is_told_at_once_that_it_is_sold_out_and_the_line_goes_on_when_pieces_return(
    client_as: ClientAs, services: Services, clock: FixedClock, shop: Shop
) -> None:
    sale_id = await plan(services.db, shop, quantity=1, per_customer=1, admit_per_s=1.0)
    await at(services, clock, -100)
    people = [await client_as("shopper") for _ in range(3)]
    for person in people:
        await join(person, sale_id)
    await at(services, clock, 0)
    now = services.clock()
    async with services.db.transaction() as tx:
        sales = await flash.running(tx, [shop.seller_id], now)
        counter = [(shop.seller_id, sale_id, 1, 0, None)]
        takings = flash.takings(sales, counter, [], now)
        takings.take(shop.seller_id, 77, [(shop.variants[0], 1)], now)
        for statement, params in flash.take_steps(takings, now):
            await tx.run(statement, params)
    await at(services, clock, 2)
    states = [(await person.get(f"/api/flash/{sale_id}/ticket")).json()["state"] for person in people]
    assert set(states) == {"sold_out"}
    newcomer = await client_as("shopper")
    answer = await newcomer.post(f"/api/flash/{sale_id}/ticket", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "flash.sold_out")
    async with services.db.transaction() as tx:
        back = flash.Cancelled(
            seller_id=shop.seller_id, owner_id=77, lines=[(shop.variants[0], 1)], placed_at=now
        )
        await flash.give_back(tx, [back])
    await at(services, clock, 30)
    await at(services, clock, 32)
    states = [(await person.get(f"/api/flash/{sale_id}/ticket")).json()["state"] for person in people]
    assert "your_turn" in states


async def test_the_counter_is_one_text_for_everybody(
    client: httpx.AsyncClient, services: Services, clock: FixedClock, shop: Shop
) -> None:
    from halles.journeys.flash_sale.view import counter_frame

    sale_id = await plan(services.db, shop)
    await at(services, clock, -100)
    live = await services.port(FlashRooms).live(sale_id)
    text = counter_frame(live)
    assert text.startswith("event: counter\ndata: {")
    assert 'seed":null' in text
    assert text.count("\n") == 3
    missing = await client.get(f"/api/flash/{uuid7()}/events")
    assert (missing.status_code, missing.json()["code"]) == (404, "flash.no_such_sale")


async def test_of_an_id_that_is_no_sale_nothing_is_kept(
    services: Services, client: httpx.AsyncClient
) -> None:
    rooms = services.port(FlashRooms)
    for _ in range(20):
        assert (await client.get(f"/api/flash/{uuid7()}")).status_code == 404
        assert (await client.get(f"/api/flash/{uuid7()}/events")).status_code == 404
    assert not rooms._kept  # pyright: ignore[reportPrivateUsage]


async def test_everybody_who_asks_a_process_first_sees_the_sale(
    services: Services, clock: FixedClock, shop: Shop
) -> None:
    sale_id = await plan(services.db, shop)
    rooms = FlashRooms(services.db, clock, LiveHub(services.db))
    try:
        found = await asyncio.gather(*(_asks_later(rooms, sale_id, turns) for turns in range(0, 400, 5)))
        assert {live.sale.sale_id for live in found} == {sale_id}
    finally:
        await rooms.close()


async def _asks_later(rooms: FlashRooms, sale_id: UUID, turns: int) -> Live:
    """Asks after so many turns of the loop: some while the first reading is under way."""
    for _ in range(turns):
        await asyncio.sleep(0)
    return await rooms.live(sale_id)


async def test_the_list_tells_what_is_on_and_what_is_to_come(
    client: httpx.AsyncClient, services: Services, clock: FixedClock, shop: Shop
) -> None:
    sale_id: UUID = await plan(services.db, shop)
    found = (await client.get("/api/flash", headers={"accept-language": "fr"})).json()
    assert [(one["sale_id"], one["title"], one["phase"]) for one in found["items"]] == [
        (str(sale_id), "Manteaux à midi", "before")
    ]
    assert found["items"][0]["variant_ids"] == shop.variants[:1]
    clock.at = START + timedelta(hours=1)
    assert (await client.get("/api/flash")).json()["items"] == []


async def test_nobody_is_let_in_while_orders_queue(
    services: Services, clock: FixedClock, shop: Shop, client_as: ClientAs
) -> None:
    sale_id = await plan(services.db, shop)
    full = True
    rooms = FlashRooms(services.db, clock, LiveHub(services.db), busy=lambda: full)
    try:
        await at(services, clock, -100)
        await join(await client_as("shopper"), sale_id)
        await rooms.live(sale_id)
        clock.at = START
        await rooms.refresh()
        live = await rooms.live(sale_id)
        assert (live.standing.admitted_to, live.standing.paused) == (0, "busy")
        full = False
        clock.at = START + timedelta(seconds=1)
        await rooms.refresh()
        assert (await rooms.live(sale_id)).standing.admitted_to == 1
    finally:
        await rooms.close()


async def test_asking_for_ones_place_asks_the_database_nothing(
    client_as: ClientAs, services: Services, clock: FixedClock, shop: Shop
) -> None:
    """A thousand people who look every second cost hashes, not statements."""
    sale_id = await plan(services.db, shop)
    await at(services, clock, -100)
    person = await client_as("shopper")
    await join(person, sale_id)
    await at(services, clock, 0)
    live = await services.port(FlashRooms).live(sale_id)
    assert live.places is not None
    caller = Caller(party_id=PartyId(1), visitor="somebody else")
    ticket = flash.sign_ticket(
        admission_key(services.settings), Ticket(sale_id=sale_id, person="p:1", number=1, joined_s=1)
    )
    with counting() as statements:
        given = await services.port(TicketDesk).show(live, asking(caller, "net"), ticket, services.clock())
    assert statements.statements == 0
    assert given.view.place == 1
