"""All that crosses the border of identity: parties, sessions, proofs, mails, events, refusals."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Literal, Protocol
from uuid import UUID

from halles.kernel.caller import Role, Use
from halles.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated, Unavailable
from halles.kernel.ids import PartyId, SellerId

Locale = Literal["en", "fr"]

CODE_LIFE = timedelta(minutes=10)
"""How long a mailed code works."""
CODE_ATTEMPTS = 5
"""Wrong entries after which a code is dead: with six digits, one guess in 200,000 succeeds at best."""
CHALLENGE_LIFE = timedelta(minutes=5)
"""How long a WebAuthn ceremony may take."""
SEEN_EVERY = timedelta(hours=1)
"""How coarsely `seen_at` moves, so that reading a session is not a write."""
API_KEY_PREFIX = "hk_"
"""API keys begin with it, so that leak scanners recognise them."""
DEMO_DOMAIN = "@demo.halles.example"
"""Addresses that the demo lets anyone sign in as."""


class Scope(StrEnum):
    """What an API key may do at most; its roles still apply. `write` covers every unsafe HTTP method."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A person or an organisation. `name` is None for somebody who never gave one. `email` is None for guests."""

    party_id: PartyId
    kind: str
    guest: bool
    name: str | None
    locale: str
    currency: str
    email: str | None
    passkeys: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role that a party has; `seller_id` None: not tied to a seller, as an operator's never is."""

    role: Role
    seller_id: SellerId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who a token stands for. `session_id` names it without giving it away. `scopes` is None but for an API key's; `uses`,
    `place_ids`: what it was narrowed to."""

    session_id: str
    party_id: PartyId
    guest: bool
    roles: frozenset[Role]
    seller_ids: frozenset[SellerId]
    scopes: frozenset[str] | None = None
    uses: frozenset[Use] = frozenset()
    place_ids: frozenset[int] = frozenset()
    grants: frozenset[tuple[Role, SellerId]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """A session as its owner sees it in a list."""

    session_id: str
    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a sign-in gives: the new token (shown once, to the cookie) and the party it stands for."""

    token: str = field(repr=False)
    party_id: PartyId
    guest: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A registered authenticator, without its key."""

    credential_id: bytes
    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyInfo:
    """An API key as staff see it; the secret was shown once when it was made."""

    key_id: str
    party_id: PartyId
    name: str
    seller_ids: list[int]
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    uses: list[str] = field(default_factory=list[str])
    place_ids: list[int] = field(default_factory=list[int])


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """An account that the demo lets anyone sign in to."""

    label: str
    email: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail to send. `message_id` is stable over retries. `code`: what the demo's page shows beside the text; None if none.
    `calendar`: an event to attach (RFC 5545); None if none. `registered`: its sender wants to hear of a recipient that is refused
    for good; of others that is only logged."""

    message_id: str
    recipient: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    calendar: str | None = field(default=None, repr=False)
    registered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """A mail in the demo's mailbox."""

    mail_id: int
    recipient: str
    subject: str
    body: str
    code: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """An account that was closed. `next_at` None: what is to be forgotten is forgotten. `money`: what became of what was left."""

    party_id: int
    closure_id: UUID
    fingerprint: bytes
    by: str
    money: str
    closed_at: datetime
    passes: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnParty:
    """A party as it takes its data along. `merged_into`: the account that this guest turned out to be."""

    party_id: int
    guest: bool
    name: str | None
    locale: str
    currency: str
    created_at: datetime
    merged_into: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEmail:
    """An address of a party."""

    address: str
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPasskey:
    """A passkey, without its key."""

    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSession:
    """Where a party is signed in."""

    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRole:
    """A role that a party was given. `seller_id` None: for no seller in particular."""

    role: str
    seller_id: int | None
    granted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey:
    """An API key of a party, without its secret."""

    key_id: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnIdentity:
    """All that identity holds of a party and of the guests that it was."""

    parties: list[OwnParty]
    emails: list[OwnEmail]
    passkeys: list[OwnPasskey]
    sessions: list[OwnSession]
    roles: list[OwnRole]
    api_keys: list[OwnKey]


class Mailer(Protocol):
    """Sends mails. Raises MailUnavailable when it may work later, MailRefused for a registered one that never will; the same
    `message_id` sent twice is one mail where the other side knows how to tell."""

    async def send(self, mail: Mail) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRequested:
    """Somebody asked for a code to be mailed. `sealed`: the code, encrypted with the deployment's secret for this address."""

    kind: ClassVar[str] = "identity.code_requested"
    address: str
    locale: str
    sealed: str
    expires_at: datetime

    def key(self) -> str:
        return f"mail:{hashlib.sha256(self.address.encode()).hexdigest()[:16]}"  # keys are logged, addresses are not


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestBecame:
    """A guest signed in to an account that existed: what the old party holds belongs to the new one from now on."""

    kind: ClassVar[str] = "identity.guest_became"
    old_party_id: int
    party_id: int

    def key(self) -> str:
        return f"party:{self.old_party_id}"


class BadEmail(Invalid):
    """A text that is no e-mail address."""

    code, title = "identity.bad_email", "Not an e-mail address"


class CodeRefused(Unauthenticated):
    """The code is wrong, used, too old, or was tried too often; one answer for all of them."""

    code, title = "identity.code_refused", "This code does not work"


class TooManyCodes(TooMany):
    """Codes were asked for, or tried, too often for this address or from this network."""

    code, title = "identity.too_many_codes", "Too many codes"


class PasskeyRefused(Unauthenticated):
    """The authenticator's answer does not prove what it should."""

    code, title = "identity.passkey_refused", "This passkey does not work"


class PasskeyKnown(Conflict):
    """This authenticator is registered already."""

    code, title = "identity.passkey_known", "This passkey is registered already"


class NoSuchPasskey(NotFound):
    """The caller has no passkey with this id."""

    code, title = "identity.no_such_passkey", "No such passkey"


class NoSuchParty(NotFound):
    """No party has this address or id."""

    code, title = "identity.no_such_party", "No such account"


class EmailTaken(Conflict):
    """The address belongs to another party."""

    code, title = "identity.email_taken", "This address is taken"


class NoSuchSession(NotFound):
    """The party has no session with this id."""

    code, title = "identity.no_such_session", "No such session"


class NoSuchApiKey(NotFound):
    """No API key has this id."""

    code, title = "identity.no_such_api_key", "No such API key"


class KeyMade(Conflict):
    """A key was made under this id already."""

    code, title = "identity.key_made", "This key was made already"


class NotInDemo(NotFound):
    """This exists in the demo only."""

    code, title = "identity.not_in_demo", "No such address"


class MisplacedRole(Invalid):
    """A role that is somebody's at a seller was given without one, or the operator's with one."""

    code, title = "identity.misplaced_role", "This role is given otherwise"


class AccountClosed(Unauthenticated):
    """The account was closed: nothing can be done for it any more."""

    code, title = "identity.account_closed", "This account is closed"


class NotAPerson(Conflict):
    """An organisation is no account that somebody could close."""

    code, title = "identity.not_a_person", "Not a person's account"


class ClosureIdReused(Conflict):
    """Another closing was asked for under this id."""

    code, title = "identity.closure_id_reused", "This id was used for something else"


class ScopeMissing(Forbidden):
    """The API key was made for less than this."""

    code, title = "identity.scope_missing", "This key may not do this"


class MailUnavailable(Unavailable):
    """The mail server does not take mail now."""

    code, title = "identity.mail_unavailable", "Mail cannot be sent for a moment"


class MailRefused(Invalid):
    """The mail server does not know the recipient, or does not take mail for it."""

    code, title = "identity.mail_refused", "Nobody takes mail at this address"


class MailNotConfigured(Unavailable):
    """No mail server is configured, so that codes cannot be mailed."""

    code, title = "identity.mail_not_configured", "Sign-in by mail is not set up"
