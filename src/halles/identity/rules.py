"""Pure decisions of identity: addresses, cookies, labels, mails' words. Values in, values out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from halles.identity.types import BadEmail, Grant, Mail, MisplacedRole
from halles.kernel.caller import Role
from halles.kernel.ids import SellerId
from halles.kernel.letters import letter

# One local part, one domain with a dot, no spaces, no control characters: the mail itself is the real proof.
_EMAIL = re.compile(
    r"[^\s@<>\"',;:\\()\[\]]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_WORDS = {
    "en": (
        "Your Halles code: {code}",
        "Your code to sign in is",
        (
            "It works once, for ten minutes. If you did not ask for it, somebody mistyped an address: "
            "do nothing, and give it to nobody."
        ),
    ),
    "fr": (
        "Votre code Halles : {code}",
        "Votre code de connexion est",
        (
            "Il sert une seule fois, pendant dix minutes. Si vous ne l’avez pas demandé, quelqu’un s’est trompé d’adresse : "
            "ne faites rien, et ne le donnez à personne."
        ),
    ),
}


def normal_email(text: str) -> str:
    """An address in the one form we store: trimmed, lower-case, its domain in ASCII (IDNA). Raises BadEmail."""
    local, at, domain = text.strip().rpartition("@")
    try:
        address = f"{local.lower()}{at}{domain.lower().encode('idna').decode() if domain else ''}"
    except UnicodeError as error:
        raise BadEmail("This is not an e-mail address.") from error
    if len(address) > 254 or not _EMAIL.fullmatch(address) or not address.isprintable():
        raise BadEmail("This is not an e-mail address.")
    return address


def token_hash(token: str) -> bytes:
    """What is stored of a token: its SHA-256. A slow hash protects guessable secrets; 256 random bits are none."""
    return hashlib.sha256(token.encode()).digest()


def session_id(hashed: bytes) -> str:
    """The public name of a session: 64 bits of its stored hash, from which the token cannot be had."""
    return hashed[:8].hex()


def cookie_name(base: str, *, https: bool) -> str:
    """On https the `__Host-` prefix binds the cookie to this host, the whole path, and Secure (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{base}" if https else base


def origin_of(public_url: str) -> str:
    """scheme://host[:port], as browsers write an Origin."""
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def rp_id_of(public_url: str) -> str:
    """The relying party's id for passkeys: the host alone."""
    return urlsplit(public_url).hostname or "localhost"


def agent_label(user_agent: str) -> str:
    """ "Firefox on Android": enough for a person to recognise their device, too little to identify one."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "Browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


def read_grants(texts: Sequence[str]) -> list[Grant]:
    """`role:seller` as the store writes them; an empty seller is None. Head office of no seller in particular is the operator."""
    pairs = (text.partition(":") for text in texts)
    return [
        Grant(role=_role(role, seller), seller_id=SellerId(int(seller)) if seller else None)
        for role, _, seller in pairs
    ]


def _role(stored: str, seller: str) -> Role:
    return Role.OPERATOR if stored == Role.HEAD_OFFICE and not seller else Role(stored)


def stored_role(role: Role, seller_id: int | None) -> str:
    """A role as the store keeps it. Raises MisplacedRole."""
    if role is Role.OPERATOR:
        if seller_id is not None:
            raise MisplacedRole("An operator runs the whole installation: name no seller.")
        return Role.HEAD_OFFICE.value
    if role is Role.HEAD_OFFICE and seller_id is None:
        raise MisplacedRole("Head office is of a seller: name it. Who runs the installation is its operator.")
    return role.value


def grants_of(roles: Iterable[Role], seller_ids: Iterable[int]) -> list[tuple[Role, int | None]]:
    """Each role at each seller (at none, when none is given); the operator's at none whatever is given."""
    sellers: list[int | None] = [*seller_ids] or [None]
    return [
        (role, seller_id)
        for role in roles
        if role is not Role.SHOPPER
        for seller_id in ([None] if role is Role.OPERATOR else sellers)
    ]


def code_mail(address: str, locale: str, code: str, message_id: str) -> Mail:
    """The mail that carries a code, in the reader's language; the code stands in the subject, where phones show it."""
    subject, lead, rest = _WORDS.get(locale, _WORDS["en"])
    spaced = f"{code[:3]} {code[3:]}"
    return Mail(
        message_id=message_id,
        recipient=address,
        subject=subject.format(code=code),
        text=f"{lead}\n\n    {spaced}\n\n{rest}\n",
        html=letter(locale, [lead, rest], large=spaced),
        code=code,
    )
