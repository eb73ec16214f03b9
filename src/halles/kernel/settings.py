"""Settings: environment (`HALLES_…`) over `halles.toml` in the data folder over the defaults below. Checked at start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from halles.kernel.errors import Invalid


class BadSettings(Invalid):
    """A setting that cannot be used; the message names it."""

    code, title = "kernel.bad_settings", "Settings cannot be used"


def default_data_dir() -> Path:
    """`$HALLES_DATA`, else the user's data folder (XDG)."""
    if "HALLES_DATA" in os.environ:
        return Path(os.environ["HALLES_DATA"]).expanduser().absolute()
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser().absolute() / "halles"


class Settings(BaseSettings):
    """Everything an operator may set. Each field is documented in docs/reference/settings.md, made from this class."""

    model_config = SettingsConfigDict(env_prefix="HALLES_", extra="forbid", frozen=True)

    data: Path = Field(
        default_factory=default_data_dir,
        description="Folder for the embedded database, media, models and logs.",
    )
    database_url: str | None = Field(
        default=None, description="libpq URL of your own PostgreSQL (15 or later). Absent: the embedded one."
    )
    replica_url: str | None = Field(
        default=None,
        description="libpq URL of a standby of your own PostgreSQL, for pages that may be some seconds old. Absent: none.",
    )
    replica_max_lag_s: float = Field(
        default=5.0,
        gt=0,
        le=3600,
        description="Seconds that the standby may be behind; beyond them its pages come from the first server.",
    )
    public_url: str = Field(
        default="http://localhost:8000",
        description="Address that shoppers' browsers use; passkeys and links depend on it.",
    )
    host: str = Field(default="127.0.0.1", description="Address the server listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port the server listens on.")
    demo: bool = Field(
        default=False,
        description="Demo manners: a mailbox page, a test card, demo accounts. Never in production.",
    )
    secret: SecretStr | None = Field(
        default=None,
        description="Key that signs cursors and tokens, 32 characters or more. Absent: made once in the data folder.",
    )
    web_processes: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Web processes that `halles serve` runs on one listening socket; about one a core.",
    )
    drain_s: float = Field(
        default=0.0,
        ge=0,
        le=300,
        description="Seconds between a SIGTERM, from which on /readyz answers 503, and the end of accepting connections: "
        "as long as your load balancer needs to notice.",
    )
    database_connections: int = Field(
        default=16, ge=2, le=500, description="Largest number of database connections of one process."
    )
    inference_processes: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Processes that look at photos, each for its share of the sellers' catalogues; one keeps a core busy.",
    )
    writer_processes: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Processes that only place orders, beside the web processes of `halles serve`. 0: web processes place them.",
    )
    place_orders: Literal["here", "writer"] = Field(
        default="here",
        description="Who places orders: web processes, sharing the sellers among themselves, or `halles writer`.",
    )
    writer_host: str = Field(
        default="127.0.0.1",
        description="Address at which a process that places orders hears the others; a machine's own when there are several, "
        "which needs the three files below.",
    )
    writer_certificate: Path | None = Field(
        default=None,
        description="PEM file with this machine's certificate, which names HALLES_WRITER_HOST: orders between machines are "
        "encrypted (TLS 1.3, both sides prove themselves). Absent: orders stay on this machine.",
    )
    writer_key: Path | None = Field(
        default=None, description="PEM file with the private key of HALLES_WRITER_CERTIFICATE."
    )
    writer_authority: Path | None = Field(
        default=None,
        description="PEM file of the authority that signed the machines' certificates; use it for nothing else.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe log line that is written."
    )
    log_format: Literal["json", "text"] = Field(
        default="json", description="Log lines as JSON, or as text for a person at a terminal."
    )
    otlp_endpoint: str | None = Field(
        default=None,
        description="OpenTelemetry collector (OTLP over HTTP) that receives traces. Absent: none sent.",
    )
    nats_url: SecretStr | None = Field(
        default=None,
        description="NATS servers, comma-separated (nats://token@host:4222), that get every event and the live topics. "
        "Absent: none; nothing needs them.",
    )
    nats_replicas: int = Field(
        default=1,
        ge=1,
        le=5,
        description="Copies of each event that a NATS cluster keeps; 3 on three servers.",
    )
    mqtt_url: SecretStr | None = Field(
        default=None,
        description="MQTT broker of electronic shelf labels (mqtt://user:password@host:1883, mqtts:// with TLS). Absent: nothing "
        "is sent to labels, and none is confirmed.",
    )
    label_confirm_s: float = Field(
        default=120.0,
        ge=5,
        le=86_400,
        description="Seconds that a shelf label has to confirm what it shows; later it is shown as unconfirmed.",
    )
    vision_model: Path | None = Field(
        default=None,
        description="ONNX model with its sidecar for photo recognition. Absent: EfficientNet-Lite2.",
    )
    vision_exact_pictures: int = Field(
        default=200_000,
        ge=1,
        description="Pictures of a seller up to which a photo is compared with each; beyond, with those an index on disk names.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="smtp://user:password@host:587 for codes and mails about orders. Absent outside the demo: none are sent.",
    )
    mail_from: str = Field(default="Halles <no-reply@halles.example>", description="Sender of e-mails.")
    order_mails_per_second: int = Field(
        default=10,
        ge=1,
        le=1000,
        description="Mails about orders that a worker gives to the mail server each second at most; the others wait their turn.",
    )
    stripe_secret_key: SecretStr | None = Field(
        default=None, description="Stripe secret key; absent outside the demo: top-ups are refused."
    )
    stripe_publishable_key: str | None = Field(
        default=None, description="Stripe publishable key, given to the browser."
    )
    stripe_webhook_secret: SecretStr | None = Field(
        default=None, description="Secret that signs Stripe's webhooks."
    )
    stripe_api_base: str = Field(default="https://api.stripe.com", description="Where Stripe's API is.")
    session_days: int = Field(
        default=30, ge=1, le=365, description="Days after which an unused session ends."
    )
    reservation_minutes: int = Field(
        default=10, ge=1, le=120, description="How long a basket's goods are set aside when a shopper asks."
    )
    reservation_pieces: int = Field(
        default=20, ge=1, le=1000, description="Pieces that one shopper may have set aside."
    )
    reservation_network_pieces: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="Pieces that all shoppers of one network address may have set aside together.",
    )
    offline_products: int = Field(
        default=2000,
        ge=1,
        le=20_000,
        description="Products of a shop that a phone carries for when there is no network: those on display first.",
    )
    assortment_min_shoppers: int = Field(
        default=10,
        ge=2,
        le=100_000,
        description="Shoppers that an area must have before its demand is looked at; with fewer it is merged into a wider one.",
    )
    rate_limit_factor: float = Field(
        default=1.0,
        gt=0,
        description="Multiplies every rate limit; raise it behind a trusted proxy that limits by itself.",
    )
    trusted_proxies: int = Field(
        default=0, ge=0, le=5, description="Reverse proxies in front whose X-Forwarded-For may be believed."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, default_data_dir() / "halles.toml")
        return init_settings, env_settings, toml

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")


def load(**overrides: object) -> Settings:
    """Read the settings; raises BadSettings naming every field that is wrong."""
    try:
        return Settings(**overrides)  # pyright: ignore[reportArgumentType]  # values are validated by pydantic
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise BadSettings(f"Settings cannot be used: {wrong}") from error
