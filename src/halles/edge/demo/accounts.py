"""Who lives in the demo."""

from __future__ import annotations

from dataclasses import dataclass

from halles.kernel.caller import Role
from halles.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """A person of the demo; `role` beside shopper, which everybody is. `operator`: runs the installation too."""

    label: str
    email: str
    name: str
    locale: str
    role: Role | None = None
    operator: bool = False
    wallet: Money | None = None


ACCOUNTS = (
    DemoAccount(
        label="Shopper",
        email="camille@demo.halles.example",
        name="Camille Renard",
        locale="fr",
        wallet=Money(25000, "EUR"),
    ),
    DemoAccount(
        label="Staff", email="sam@demo.halles.example", name="Sam Okafor", locale="en", role=Role.STAFF
    ),
    DemoAccount(
        label="Head office",
        email="helene@demo.halles.example",
        name="Hélène Morel",
        locale="fr",
        role=Role.HEAD_OFFICE,
        operator=True,
    ),
    DemoAccount(
        label="Merchant",
        email="malik@demo.halles.example",
        name="Malik Benali",
        locale="fr",
        role=Role.MERCHANT,
    ),
)
