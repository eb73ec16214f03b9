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


_AT_SELLERS = frozenset({Role.STAFF, Role.MERCHANT, Role.HEAD_OFFICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who sends this request. `party_id` is None for a visitor without a session. `guest`: a shopper who has not signed in.

    `seller_ids`: the sellers for whom staff, merchants and services may act. `grants`: which role at which of them; a role at one
    is none at another (see `within`). `visitor`: the anonymous id of this browser.
    """

    party_id: PartyId | None = None
    roles: frozenset[Role] = frozenset()
    seller_ids: frozenset[SellerId] = frozenset()
    grants: frozenset[tuple[Role, SellerId]] = frozenset()
    guest: bool = False
    visitor: str | None = None
    by_cookie: bool = False
    session_id: str | None = None

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
