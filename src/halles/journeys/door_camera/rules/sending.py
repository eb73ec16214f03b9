"""What an answer of the server means for the crossings that were sent."""

from __future__ import annotations

from enum import StrEnum

AT_ONCE = 200
"""Crossings that one request takes."""


class Verdict(StrEnum):
    """Taken: forget them. Again: keep them and send the same later. Apart: send them in halves, to find the one that is refused.
    Refused: this one alone will never be taken."""

    TAKEN = "taken"
    AGAIN = "again"
    APART = "apart"
    REFUSED = "refused"


def judge(status: int, recorded: object, sent: int) -> Verdict:
    """`recorded`: what the answer's body says under that name, None where it says nothing.

    Only the server's own 202 takes them: a hotel's sign-in page answers 200 to everything. A wrong key (401, 403) and
    an unknown door (404) are for a person to mend, so nothing is thrown away meanwhile.
    """
    if status == 202 and isinstance(recorded, int) and not isinstance(recorded, bool):
        return Verdict.TAKEN
    if status in {400, 409, 413, 422}:
        return Verdict.APART if sent > 1 else Verdict.REFUSED
    return Verdict.AGAIN
