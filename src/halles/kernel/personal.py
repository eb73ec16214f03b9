"""What is held of people, declared column by column, so that nothing is forgotten when somebody asks for it or leaves.

Each capability that holds something of a party lists its columns in `HELD`; a test walks the migrated database and fails for a
column that names a person and is in no list. The reference page of what is held is made of the same lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of a column when its party closes their account. `erased`: the row is deleted, or the value is. `kept`: it
    stays, by a number that names nobody any more. `expires`: nothing is done, since it is deleted by time anyway. `apart`: it
    is of no shopper: of organisations, or of nobody."""

    ERASED = "erased"
    KEPT = "kept"
    EXPIRES = "expires"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Held:
    """A column that can say who somebody is. `column`: schema.table.column. `why`: of the fate, in a sentence without its full
    stop. `given`: the archive that a person takes along has it."""

    column: str
    fate: Fate
    why: str
    given: bool = True
