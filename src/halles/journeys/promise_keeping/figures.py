"""The kept share, from counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from halles.journeys.promise_keeping import models
from halles.promises.api import KeptRow
from halles.promises.types import Confidence, Lane, LegKind, WatchState


def kept_model(
    days: int, rows: Sequence[KeptRow], open_: Mapping[WatchState, int], lanes: Iterable[Lane]
) -> models.KeptShareModel:
    """Rows by lane, state and cause as a page: the lanes with the most missed promises first."""
    known = {lane.lane_id: lane for lane in lanes}
    by_lane: dict[int, list[KeptRow]] = {}
    for row in rows:
        by_lane.setdefault(row.lane_id, []).append(row)
    shown = [_lane(lane_id, own, known.get(lane_id)) for lane_id, own in by_lane.items()]
    kept, missed = _count(rows, WatchState.WAS_KEPT), _count(rows, WatchState.WAS_MISSED)
    standing: dict[Confidence, int] = dict.fromkeys(Confidence, 0)
    for state, orders in open_.items():
        if state.confidence is not None:
            standing[state.confidence] += orders
    return models.KeptShareModel.model_validate(
        {
            "days": days,
            "kept": kept,
            "missed": missed,
            "share": round(kept / (kept + missed), 4) if kept + missed else None,
            "open": standing,
            "lanes": sorted(shown, key=lambda one: (-one.missed, -one.kept, one.lane_id)),
            "causes": _causes(rows),
        }
    )


def _lane(lane_id: int, rows: Sequence[KeptRow], lane: Lane | None) -> models.LaneKept:
    kept, missed = _count(rows, WatchState.WAS_KEPT), _count(rows, WatchState.WAS_MISSED)
    many = kept + missed
    return models.LaneKept(
        lane_id=lane_id,
        origin="" if lane is None else lane.origin,
        country="" if lane is None else lane.country,
        kept=kept,
        missed=missed,
        share=round(kept / many, 4),
        promised_days=round(sum(row.promised_days for row in rows) / many, 1),
        actual_days=round(sum(row.actual_days for row in rows) / many, 1),
        causes=_causes(rows),
    )


def _causes(rows: Sequence[KeptRow]) -> list[models.CauseModel]:
    found: dict[tuple[str | None, str | None], int] = {}
    for row in rows:
        if row.state == WatchState.WAS_MISSED:
            found[row.cause, row.owner] = found.get((row.cause, row.owner), 0) + row.orders
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0][0] or "", item[0][1] or ""))
    return [
        models.CauseModel(cause=None if cause is None else LegKind(cause), owner=owner, orders=orders)
        for (cause, owner), orders in ranked
    ]


def _count(rows: Iterable[KeptRow], state: WatchState) -> int:
    return sum(row.orders for row in rows if row.state == state)
