"""Pure decisions of shelf labels: how an acknowledgement is judged, what state a label is in, when it is tried again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from halles.shelf_labels.types import Acknowledgement, BadName, LabelState, SentContent, ShelfLabel, Verdict

FIRST_TRY_S, LONGEST_TRY_S = 5.0, 600.0
_GATEWAY = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")


def judge(
    ack: Acknowledgement, gateway_id: str, label: ShelfLabel | None, sent: SentContent | None
) -> Verdict:
    """What an acknowledgement with a right signature of `gateway_id` is worth.

    `label`: the label that it names, of the gateway's seller; `sent`: the content of the version that it names. Only a content
    that was sent to this gateway, by its hash, confirms anything; what is older than what is confirmed changes nothing.
    """
    if label is None:
        return Verdict.UNKNOWN_LABEL
    if label.gateway_id != gateway_id:
        return Verdict.NOT_ITS_LABEL
    if ack.version > label.version or sent is None or sent.sent_at is None or sent.gateway_id != gateway_id:
        return Verdict.NEVER_SENT
    if ack.hash != sent.hash:
        return Verdict.WRONG_CONTENT
    if ack.version == label.confirmed_version:
        return Verdict.REPEATED
    if ack.version < label.confirmed_version:
        return Verdict.OUTDATED
    return Verdict.CONFIRMED


def state_of(label: ShelfLabel, now: datetime, confirm_s: float) -> LabelState:
    """The state of a label at a moment, when labels have `confirm_s` seconds to confirm."""
    if label.version == 0 or label.desired_at is None:
        return LabelState.EMPTY
    if label.confirmed_version == label.version:
        return LabelState.CONFIRMED
    late = now - label.desired_at > timedelta(seconds=confirm_s)
    return LabelState.UNCONFIRMED if late else LabelState.SENDING


def wait_s(attempts: int) -> float:
    """Seconds until the next try after so many: 5, 10, 20 … 600."""
    return min(LONGEST_TRY_S, FIRST_TRY_S * 2 ** min(max(attempts - 1, 0), 20))


def check_gateway_name(name: str) -> str:
    """Raises BadName for what could not stand in a topic."""
    if not _GATEWAY.fullmatch(name):
        raise BadName("A gateway is named with 2 to 40 small letters, digits and hyphens.", name=name[:60])
    return name


def check_label_code(code: str) -> str:
    """Raises BadName for what could not stand in a topic."""
    if not _LABEL.fullmatch(code):
        raise BadName("A label is named with at most 40 letters, digits and hyphens.", name=code[:60])
    return code
