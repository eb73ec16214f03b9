"""WebAuthn ceremonies through the `webauthn` library: options to send, answers to verify. No I/O, no state."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from halles.identity.rules import origin_of, rp_id_of
from halles.identity.types import CHALLENGE_LIFE, PasskeyRefused

_TIMEOUT_MS = int(CHALLENGE_LIFE.total_seconds() * 1000)
_BROKEN = (WebAuthnException, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """An attestation that holds."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool
    transports: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asserted:
    """An assertion that holds."""

    sign_count: int
    backed_up: bool


class Ceremonies:
    """The relying party: its id is the host of the public address, and only that origin is believed."""

    def __init__(self, public_url: str) -> None:
        self._rp_id, self._origin = rp_id_of(public_url), origin_of(public_url)

    def register_options(
        self, *, challenge: bytes, handle: bytes, name: str, known: Sequence[bytes]
    ) -> dict[str, Any]:
        """Creation options for a discoverable credential. `handle` names the party without telling who it is."""
        options = generate_registration_options(
            rp_id=self._rp_id,
            rp_name="Halles",
            user_id=handle,
            user_name=name,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=credential_id) for credential_id in known],
        )
        return json.loads(options_to_json(options))

    def sign_in_options(self, challenge: bytes) -> dict[str, Any]:
        """Request options that name no credential: the authenticator offers what it has for this host."""
        options = generate_authentication_options(
            rp_id=self._rp_id,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        return json.loads(options_to_json(options))

    def registered(self, credential: Mapping[str, Any], challenge: bytes) -> Registered:
        """Verify the answer to `register_options`. Raises PasskeyRefused."""
        try:
            found = verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
            )
            transports = _transports(credential)
        except _BROKEN as error:
            raise PasskeyRefused("The new passkey could not be verified.") from error
        return Registered(
            credential_id=found.credential_id,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
            backed_up=found.credential_backed_up,
            transports=transports,
        )

    def asserted(
        self, credential: Mapping[str, Any], challenge: bytes, public_key: bytes, sign_count: int
    ) -> Asserted:
        """Verify the answer to `sign_in_options`; a signature counter that went back is refused. Raises PasskeyRefused."""
        try:
            found = verify_authentication_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                credential_public_key=public_key,
                credential_current_sign_count=sign_count,
            )
        except _BROKEN as error:
            raise PasskeyRefused("This passkey does not work here.") from error
        return Asserted(sign_count=found.new_sign_count, backed_up=found.credential_backed_up)


def challenge_in(credential: Mapping[str, Any]) -> bytes:
    """The challenge an answer claims to be for; whether it is ours to accept, the store knows. Raises PasskeyRefused."""
    try:
        return parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])).challenge
    except _BROKEN as error:
        raise PasskeyRefused("This is not a passkey's answer.") from error


def credential_id_in(credential: Mapping[str, Any]) -> bytes:
    """The credential an answer claims to come from. Raises PasskeyRefused."""
    try:
        return base64url_to_bytes(credential["id"])
    except _BROKEN as error:
        raise PasskeyRefused("This is not a passkey's answer.") from error


def handle_in(credential: Mapping[str, Any]) -> bytes | None:
    """The user handle in an assertion; None when the authenticator gave none. Raises PasskeyRefused."""
    try:
        text = credential["response"].get("userHandle")
        return base64url_to_bytes(text) if text else None
    except _BROKEN as error:
        raise PasskeyRefused("This is not a passkey's answer.") from error


def _transports(credential: Mapping[str, Any]) -> list[str]:
    known = {transport.value for transport in AuthenticatorTransport}
    told: list[Any] = list(credential["response"].get("transports") or ())
    return [name for name in told if name in known]
