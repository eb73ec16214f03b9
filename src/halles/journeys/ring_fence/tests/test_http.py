"""Ring-fences and customer groups over HTTP: who may, what is refused, that a repeat changes nothing, and the stock page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from halles.journeys.checkout.api import Intake
from halles.journeys.checkout.tests.small_shop import Shop, open_shop
from halles.kernel.ids import uuid7
from halles.kernel.web import Role, Services

SignIn = Callable[..., Awaitable[int]]
PATH = "/api/console/ring-fences"


def wanted(shop: Shop, **more: Any) -> dict[str, Any]:
    return {
        "fence_id": str(uuid7()),
        "channel": {"kind": "touchpoint_kind", "key": "photo"},
        "variant_id": shop.variants[1],
        "location_id": shop.hub,
        "quantity": 4,
        **more,
    }


async def test_made_seen_sold_changed_ended(
    client: httpx.AsyncClient, sign_in: SignIn, services: Services
) -> None:
    shop = await open_shop(services.db)
    await sign_in(client, Role.HEAD_OFFICE, shop.seller_id)
    body = wanted(shop, note="Christmas")
    made = await client.post(PATH, json=body)
    assert (made.status_code, made.json()["state"], made.json()["kept"]) == (201, "standing", 4)
    again = await client.post(PATH, json=body)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == made.json()
    other = await client.post(PATH, json={**body, "quantity": 5})
    assert (other.status_code, other.json()["code"]) == (409, "kernel.idempotency_key_reused")

    (row,) = [
        one
        for one in (await client.get("/api/console/stock")).json()["items"]
        if one["variant_id"] == shop.variants[1]
    ]
    assert (row["ring_fenced"], row["sellable"]) == (4, 6)
    assert row["kept_for"] == [{"kind": "touchpoint_kind", "key": "photo", "name": None, "pieces": 4}]

    await services.port(Intake).place(shop.order((1, 3), touchpoint=shop.touchpoint), shop.shoppers[0])
    (fence,) = (await client.get(PATH)).json()["items"]
    assert (fence["kept"], fence["sold"], fence["missing"]) == (1, 3, 0)
    change = {"command_id": str(uuid7()), "quantity": 6, "ends_at": None}
    for _ in range(2):
        changed = await client.post(f"{PATH}/{body['fence_id']}/change", json=change)
        assert (changed.json()["kept"], changed.json()["sold"]) == (3, 3)
    reused = await client.post(f"{PATH}/{body['fence_id']}/change", json={**change, "quantity": 7})
    assert reused.status_code == 409
    few = {"command_id": str(uuid7()), "quantity": 2, "ends_at": None}
    assert (await client.post(f"{PATH}/{body['fence_id']}/change", json=few)).json()[
        "code"
    ] == "inventory.bad_fence"
    for _ in range(2):
        ended = (await client.post(f"{PATH}/{body['fence_id']}/end")).json()
        assert (ended["state"], ended["kept"], ended["sold"]) == ("ended", 0, 3)
    assert (await client.get(PATH)).json()["items"] == []
    assert len((await client.get(PATH, params={"over": True})).json()["items"]) == 1
    later = {"command_id": str(uuid7()), "quantity": 9}
    assert (await client.post(f"{PATH}/{body['fence_id']}/change", json=later)).json()[
        "code"
    ] == "inventory.fence_over"


async def test_what_is_refused(client: httpx.AsyncClient, sign_in: SignIn, services: Services) -> None:
    shop, other = await open_shop(services.db), await open_shop(services.db, name="Autre")
    await sign_in(client, Role.HEAD_OFFICE, shop.seller_id)
    cases: list[tuple[str, dict[str, Any]]] = [
        ("catalog.unknown_variant", {"variant_id": other.variants[0]}),
        ("inventory.no_such_location", {"location_id": other.hub}),
        ("inventory.bad_fence", {"channel": {"kind": "touchpoint_kind", "key": "telepathy"}}),
        ("inventory.bad_fence", {"channel": {"kind": "touchpoint", "key": "999999"}}),
        ("inventory.no_such_group", {"channel": {"kind": "group", "key": str(uuid7())}}),
        ("inventory.bad_fence", {"ends_at": "2020-01-01T00:00:00Z"}),
        ("inventory.bad_fence", {"note": "a\x00b"}),
    ]
    for code, more in cases:
        assert (await client.post(PATH, json=wanted(shop, **more))).json()["code"] == code, more
    made = wanted(shop)
    await client.post(PATH, json=made)
    await sign_in(client, Role.HEAD_OFFICE, other.seller_id)
    assert (await client.post(f"{PATH}/{made['fence_id']}/end")).json()["code"] == "inventory.no_such_fence"
    await sign_in(client, Role.STAFF, shop.seller_id)
    assert (await client.post(PATH, json=wanted(shop))).status_code == 403
    assert (await client.get(PATH)).status_code == 200


async def test_a_group_is_a_channel(client: httpx.AsyncClient, sign_in: SignIn, services: Services) -> None:
    shop = await open_shop(services.db)
    await sign_in(client, Role.HEAD_OFFICE, shop.seller_id)
    group, member = str(uuid7()), shop.shoppers[0]
    path = f"{PATH}/groups/{group}"
    (made,) = (await client.put(path, json={"name": "Hotels", "members": [member]})).json()
    assert [one["party_id"] for one in made["members"]] == [member]
    unknown = await client.put(path, json={"name": "Hotels", "members": [2**50]})
    assert unknown.json()["code"] == "inventory.bad_fence"
    taken = await client.put(f"{PATH}/groups/{uuid7()}", json={"name": "Hotels", "members": []})
    assert taken.json()["code"] == "inventory.group_name_taken"
    channels = (await client.get(f"{PATH}/channels")).json()
    assert [one["name"] for one in channels["groups"]] == ["Hotels"]
    assert channels["kinds"] == ["photo", "qr", "poster", "web"]
    assert len(channels["touchpoints"]) == 1
    fence = await client.post(
        PATH, json=wanted(shop, channel={"kind": "group", "key": group}, location_id=None)
    )
    assert fence.json()["channel"]["name"] == "Hotels"
    assert fence.json()["kept"] == 4
