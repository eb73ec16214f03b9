"""Payment service providers behind `Psp`: Stripe, and the demo's own. Both pass the same tests."""

from __future__ import annotations

from halles.kernel.db import Database
from halles.kernel.settings import Settings
from halles.payments.adapters.demo import DemoPsp
from halles.payments.types import Psp


def psp(settings: Settings, db: Database) -> Psp | None:
    """The provider of this deployment: Stripe when its key is set, else the demo's in the demo, else none."""
    if settings.stripe_secret_key is not None:
        from halles.payments.adapters.stripe_psp import StripePsp

        secret = settings.stripe_webhook_secret
        return StripePsp(
            settings.stripe_secret_key.get_secret_value(),
            webhook_secret=None if secret is None else secret.get_secret_value(),
            api_base=settings.stripe_api_base,
        )
    return DemoPsp(db) if settings.demo else None
