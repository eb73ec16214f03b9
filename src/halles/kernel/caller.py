"""Who calls: roles and callers, apart from the web so that pure rules may speak of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from halles.kernel.errors import Forbidden, Unauthenticated
from halles.kernel.ids import PartyId, SellerId


class Role(StrEnum):
    """Who a caller can be. `shopper` is everybody who shops, a guest included; `service` is a program with an API key.

    `operator` runs the installation: it sees what belongs to no seller, or to all of them, and acts for none by that.
    """

    SHOPPER = "shopper"
    STAFF = "staff"
    MERCHANT = "merchant"
    HEAD_OFFICE = "head_office"
    SERVICE = "service"
    OPERATOR = "operator"


class Use(StrEnum):
    """What a program's key may be narrowed to. A route says which of them it is for, or none."""

    COUNTING = "counting"
    PARCELS = "parcels"
    METRICS = "metrics"


class KeyNarrowed(Forbidden):
    """The API key was narrowed to other uses, or to other places. `uses`, `place_ids`: to which; empty: to none in particular."""

    code, title = "kernel.key_narrowed", "This key is for something else"


_AT_SELLERS = frozenset({Role.STAFF, Role.MERCHANT, Role.HEAD_OFFICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who sends this request. `party_id` is None for a visitor without a session. `guest`: a shopper who has not signed in.

    `seller_ids`: the sellers for whom staff, merchants and services may act. `grants`: which role at which of them; a role at one
    is none at another (see `within`). `visitor`: the anonymous id of this browser. `uses`, `place_ids`: what a program's key was
    narrowed to, empty where it was not; every route checks them (kernel/web.py).
    """

    party_id: PartyId | None = None
    roles: frozenset[Role] = frozenset()
    seller_ids: frozenset[SellerId] = frozenset()
    grants: frozenset[tuple[Role, SellerId]] = frozenset()
    guest: bool = False
    visitor: str | None = None
    by_cookie: bool = False
    session_id: str | None = None
    uses: frozenset[Use] = frozenset()
    place_ids: frozenset[int] = frozenset()

    def party(self) -> PartyId:
        """The party, or a refusal that asks to sign in (or to start as a guest)."""
        if self.party_id is None:
            raise Unauthenticated("Sign in, or start as a guest, first.")
        return self.party_id

    def within(self, roles: frozenset[Role]) -> Caller:
        """The caller where one of `roles` is theirs: acts for those sellers alone. Routes for shoppers narrow nothing."""
        if not self.grants or not roles & _AT_SELLERS:
            return self
        sellers = frozenset(seller_id for role, seller_id in self.grants if role in roles)
        return self if sellers == self.seller_ids else replace(self, seller_ids=sellers)

    def sees(self) -> list[SellerId] | None:
        """The sellers whose part of the installation this caller sees, in order; None for an operator: all of it."""
        return None if Role.OPERATOR in self.roles else sorted(self.seller_ids)

    def watching(self) -> str:
        """On whose share an open live page counts: this session's, or this key's party's."""
        return self.session_id or str(self.party())

    def need_use(self, use: Use | None, *, placed: bool) -> None:
        """Raise KeyNarrowed where a narrowed key asks for what is not among its uses, or is of no place in particular."""
        if (self.uses and use not in self.uses) or (self.place_ids and not placed):
            raise self._narrowed("This API key was not made for that.")

    def need_place(self, place_id: int) -> None:
        """Raise KeyNarrowed where a key that was narrowed to places asks for another."""
        if self.place_ids and place_id not in self.place_ids:
            raise self._narrowed("This API key is for another place.")

    def _narrowed(self, text: str) -> KeyNarrowed:
        return KeyNarrowed(text, uses=sorted(self.uses), place_ids=sorted(self.place_ids))

    def acts_for(self, seller_id: int) -> bool:
        return SellerId(seller_id) in self.seller_ids

    def need_seller(self, seller_id: int | None = None) -> SellerId:
        """The seller this caller acts for: the one named if allowed, else their only one. Raises Forbidden."""
        if seller_id is not None:
            if not self.acts_for(seller_id):
                raise Forbidden("You do not act for this seller.", seller_id=seller_id)
            return SellerId(seller_id)
        if len(self.seller_ids) != 1:
            raise Forbidden("Name the seller you act for.", sellers=sorted(self.seller_ids))
        return next(iter(self.seller_ids))
