"""API keys in the console: which there are, what each is narrowed to, made and taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import ConfigDict, Field

from halles.identity import api as identity
from halles.identity.types import ApiKeyInfo, NoSuchApiKey, Scope
from halles.kernel.caller import Caller, Role, Use
from halles.kernel.db import Tx
from halles.kernel.errors import Forbidden, Invalid
from halles.kernel.web import PROBLEM_RESPONSES, Model, ServicesDep, allow
from halles.places import api as places

router = APIRouter(prefix="/api/console/api-keys", tags=["console"], responses=PROBLEM_RESPONSES)

KeyId = Annotated[str, Path(pattern="^[0-9a-f]{12}$", examples=["3f9c0a1b2d4e"])]
PlaceIdIn = Annotated[int, Field(ge=1, le=2**62)]
_RUNS = (Role.HEAD_OFFICE, Role.OPERATOR)


class BadKey(Invalid):
    """A key that could do nothing: narrowed to a use or a place that its seller, or the installation, does not have."""

    code, title = "program_keys.bad_key", "Not a key that could be used"


class KeyAsked(Model):
    """A key for a program. `seller_id` None: of the installation, which its operator alone makes. `uses`, `place_ids`: narrow it
    to these; empty: to none in particular. `days`: it lives so long; None: until it is taken back."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "street door",
                    "seller_id": 1001,
                    "scopes": ["write"],
                    "uses": ["counting"],
                    "place_ids": [1],
                    "days": 365,
                }
            ]
        }
    )
    name: str = Field(min_length=1, max_length=120, examples=["street door"])
    seller_id: int | None = Field(default=None, ge=1, le=2**62)
    scopes: list[Scope] = Field(default=[Scope.READ, Scope.WRITE], min_length=1, max_length=2)
    uses: list[Use] = Field(default=[], max_length=3)
    place_ids: list[PlaceIdIn] = Field(default=[], max_length=50)
    days: int | None = Field(default=None, ge=1, le=3650)


class KeyModel(Model):
    """A key without its secret. `mine`: it acts for who asks."""

    key_id: str
    name: str
    mine: bool
    seller_ids: list[int]
    scopes: list[Scope]
    uses: list[Use]
    place_ids: list[int]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class KeyMadeModel(Model):
    """A new key. `token` is what the program sends as `Authorization: Bearer …`; nobody can show it again."""

    key: KeyModel
    token: str = Field(examples=["hk_3f9c0a1b2d4e_…"])


@router.get("", operation_id="api_keys")
async def api_keys(services: ServicesDep, caller: Caller = allow(*_RUNS)) -> list[KeyModel]:
    """The keys of the sellers whose head office the caller is, the latest first; an operator sees all. One query."""
    async with services.db.reading() as tx:
        return [_model(one, caller) for one in await identity.list_api_keys(tx) if _sees(caller, one)]


@router.put("/{key_id}", status_code=201, operation_id="make_api_key")
async def make_api_key(
    key_id: KeyId, body: KeyAsked, services: ServicesDep, caller: Caller = allow(*_RUNS)
) -> KeyMadeModel:
    """Make a key under an id of its maker's choice. Sent again it makes no second one and shows no secret twice: refused with
    `identity.key_made`. Refused with `program_keys.bad_key` where it could do nothing."""
    _by_hand(caller)
    if body.seller_id is not None:
        caller.need_seller(body.seller_id)
    elif Role.OPERATOR not in caller.roles:
        raise Forbidden("A key of no seller is the operator's to make.")
    async with services.db.transaction() as tx:
        await identity.hold_open(tx, [caller.party()])
        await _fits(tx, body)
        token, made = await identity.create_api_key(
            tx,
            party_id=caller.party(),
            name=body.name.strip(),
            seller_ids=[] if body.seller_id is None else [body.seller_id],
            scopes=body.scopes,
            now=services.clock(),
            days=body.days,
            uses=sorted(set(body.uses)),
            place_ids=sorted(set(body.place_ids)),
            key_id=key_id,
        )
    return KeyMadeModel(key=_model(made, caller), token=token)


@router.delete("/{key_id}", status_code=204, operation_id="revoke_api_key")
async def revoke_api_key(key_id: KeyId, services: ServicesDep, caller: Caller = allow(*_RUNS)) -> Response:
    """Refuse a key from its next request on. Sent again it changes nothing."""
    _by_hand(caller)
    async with services.db.transaction() as tx:
        found = next((one for one in await identity.list_api_keys(tx) if one.key_id == key_id), None)
        if found is None or not _sees(caller, found):
            raise NoSuchApiKey("There is no API key with this id.", key_id=key_id)
        if found.revoked_at is None:
            await identity.revoke_api_key(tx, key_id, services.clock())
    return Response(status_code=204)


def _by_hand(caller: Caller) -> None:
    if not caller.by_cookie:
        raise Forbidden("Keys are made and taken back by people who signed in, not by programs.")


async def _fits(tx: Tx, body: KeyAsked) -> None:
    """Raises BadKey."""
    wrong = {Use.METRICS} if body.seller_id is not None else {Use.COUNTING, Use.PARCELS}
    if wrong & set(body.uses):
        owner = "a seller's key" if body.seller_id is not None else "a key of the installation"
        raise BadKey(f"That is no use of {owner}: {', '.join(sorted(wrong & set(body.uses)))}.", field="uses")
    if not body.place_ids:
        return
    if body.uses and Use.COUNTING not in body.uses:
        raise BadKey("Only counting is done at a place; leave the place out.", field="place_ids")
    known = (
        set[int]()
        if body.seller_id is None
        else {one.place_id for one in await places.list_places(tx, body.seller_id)}
    )
    if not set(body.place_ids) <= known:
        raise BadKey("The seller has no such place.", field="place_ids")


def _sees(caller: Caller, key: ApiKeyInfo) -> bool:
    sellers = caller.sees()
    return sellers is None or (bool(key.seller_ids) and set(key.seller_ids) <= set(sellers))


def _model(key: ApiKeyInfo, caller: Caller) -> KeyModel:
    return KeyModel(
        key_id=key.key_id,
        name=key.name,
        mine=key.party_id == caller.party_id,
        seller_ids=sorted(key.seller_ids),
        scopes=[Scope(one) for one in key.scopes],
        uses=[Use(one) for one in key.uses],
        place_ids=list(key.place_ids),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
    )
