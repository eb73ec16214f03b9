"""The header lines that every answer carries: what browsers may do with it. Encoded once."""

from __future__ import annotations

from dataclasses import dataclass

from halles.kernel.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Header lines that every answer of a kind carries, encoded once."""

    api: list[tuple[bytes, bytes]]
    page: list[tuple[bytes, bytes]]
    file: list[tuple[bytes, bytes]]


def answers(settings: Settings) -> Answers:
    """The lines of these settings."""
    common = {"x-content-type-options": "nosniff", "cross-origin-resource-policy": "same-origin"}
    if settings.https:
        common["strict-transport-security"] = "max-age=63072000; includeSubDomains"
    page = {
        **common,
        "referrer-policy": "strict-origin-when-cross-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(self), microphone=(), geolocation=(), publickey-credentials-get=(self), "
        "publickey-credentials-create=(self), xr-spatial-tracking=(self)",
    }
    stripe = settings.stripe_publishable_key is not None
    api = {**common, "referrer-policy": "same-origin", "cache-control": "private, no-cache"}
    return Answers(
        api=_encoded({**api, "content-security-policy": "default-src 'none'; frame-ancestors 'none'"}),
        page=_encoded({**page, "content-security-policy": page_policy(stripe=stripe)}),
        file=_encoded(common),
    )


def page_policy(*, stripe: bool) -> str:
    """The content security policy of the pages; Stripe's origins only where Stripe is used (docs.stripe.com, "CSP")."""
    script, frame, connect = ("", "'none'", "")
    if stripe:
        script, frame, connect = (
            " https://js.stripe.com",
            "https://js.stripe.com https://hooks.stripe.com",
            " https://api.stripe.com",
        )
    return (
        f"default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{script}; style-src 'self'; style-src-attr 'unsafe-inline'; "
        f"img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'{connect}; "
        "worker-src 'self' blob:; "
        f"frame-src {frame}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _encoded(lines: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in lines.items()]
