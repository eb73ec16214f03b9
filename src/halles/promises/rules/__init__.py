"""Pure decisions of promises. Told in prose in docs/algorithms/promise.md."""

from halles.promises.rules.days import holidays_of, is_business_day, local_day, on_or_after
from halles.promises.rules.judging import Verdict, blame, judge, next_state, tell, verdict
from halles.promises.rules.quoting import dispatch_day, keeps, promise_of, quote, quote_line
from halles.promises.rules.tracking import Progress, fold, given, present_leg, remaining, took
from halles.promises.rules.transit import (
    all_there,
    arrival,
    by,
    chance_by,
    learned,
    likely_of,
    plain_legs,
    prior,
)

__all__ = [
    "Progress",
    "Verdict",
    "all_there",
    "arrival",
    "blame",
    "by",
    "chance_by",
    "dispatch_day",
    "fold",
    "given",
    "holidays_of",
    "is_business_day",
    "judge",
    "keeps",
    "learned",
    "likely_of",
    "local_day",
    "next_state",
    "on_or_after",
    "plain_legs",
    "present_leg",
    "prior",
    "promise_of",
    "quote",
    "quote_line",
    "remaining",
    "tell",
    "took",
    "verdict",
]
