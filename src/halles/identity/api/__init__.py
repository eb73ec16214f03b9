"""The door of identity: parties, sessions, proofs, API keys; one file a subject."""

from __future__ import annotations

from datetime import datetime

from halles.identity.adapters.sealing import Vault, vault
from halles.identity.api.closing import hold_open
from halles.identity.api.codes import CodeSender
from halles.identity.api.keys import create_api_key, list_api_keys, revoke_api_key
from halles.identity.api.parties import (
    change,
    create_organisation,
    create_person,
    current_party,
    demo_accounts,
    find_by_email,
    give_roles,
    load_names,
    load_parties,
    party,
    roles_of,
    sign_in,
    sign_in_by_email,
    start_guest,
    take_role,
)
from halles.identity.api.sessions import (
    SessionReader,
    caller_of,
    end_all_sessions,
    end_session,
    find_session,
    list_sessions,
    load_api_keys,
    load_sessions,
    session_began,
    start_session,
)
from halles.identity.rules import cookie_name, normal_email, origin_of
from halles.identity.store import proofs
from halles.identity.types import ReceivedMail
from halles.kernel.db import Tx

SESSION_COOKIE = "halles_session"
"""Base name of the cookie that carries a session's token (see `cookie_name`)."""
VISITOR_COOKIE = "halles_visitor"
"""Base name of the cookie that carries this browser's anonymous id."""


async def mailbox(tx: Tx, limit: int = 50) -> list[ReceivedMail]:
    """The demo's mailbox, the newest mail first."""
    return await proofs.mailbox(tx, limit)


async def forget_expired(tx: Tx, now: datetime) -> int:
    """Delete sessions, codes, challenges and limits that can no longer matter; the worker calls it hourly. Returns how many."""
    return await proofs.forget_expired(tx, now)


__all__ = [
    "SESSION_COOKIE",
    "VISITOR_COOKIE",
    "CodeSender",
    "SessionReader",
    "Vault",
    "caller_of",
    "change",
    "cookie_name",
    "create_api_key",
    "create_organisation",
    "create_person",
    "current_party",
    "demo_accounts",
    "end_all_sessions",
    "end_session",
    "find_by_email",
    "find_session",
    "forget_expired",
    "give_roles",
    "hold_open",
    "list_api_keys",
    "list_sessions",
    "load_api_keys",
    "load_names",
    "load_parties",
    "load_sessions",
    "mailbox",
    "normal_email",
    "origin_of",
    "party",
    "revoke_api_key",
    "roles_of",
    "session_began",
    "sign_in",
    "sign_in_by_email",
    "start_guest",
    "start_session",
    "take_role",
    "vault",
]
