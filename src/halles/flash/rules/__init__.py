"""The pure decisions of flash sales, one file a subject."""

from halles.flash.rules.drafting import LEAD, check_draft
from halles.flash.rules.draw import commitment, draw, place_of
from halles.flash.rules.queue import (
    CLAIM_S,
    bits_wanted,
    eta_s,
    joins_after,
    passed_within,
    phase_of,
    stand,
    step,
)
from halles.flash.rules.taking import Takings, admits, check
from halles.flash.rules.tokens import (
    make_challenge,
    mark_of,
    read_admission,
    read_ticket,
    sign_admission,
    sign_ticket,
    solved,
    zero_bits,
)

__all__ = [
    "CLAIM_S",
    "LEAD",
    "Takings",
    "admits",
    "bits_wanted",
    "check",
    "check_draft",
    "commitment",
    "draw",
    "eta_s",
    "joins_after",
    "make_challenge",
    "mark_of",
    "passed_within",
    "phase_of",
    "place_of",
    "read_admission",
    "read_ticket",
    "sign_admission",
    "sign_ticket",
    "solved",
    "stand",
    "step",
    "zero_bits",
]
