"""A promise as the interface shows it and an order keeps it."""

from __future__ import annotations

from datetime import date
from typing import Any

from halles.promises.types import LaneKind, Promise, PromiseKind


def promise_body(promise: Promise) -> dict[str, Any]:
    """`{kind, date, latest, lane, from, days, confidence, text_key}`, dates in ISO 8601."""
    return {
        "kind": promise.kind.value,
        "date": promise.date.isoformat(),
        "latest": None if promise.latest is None else promise.latest.isoformat(),
        "lane": promise.lane.value,
        "from": promise.origin,
        "days": promise.days,
        "confidence": promise.confidence.value,
        "text_key": promise.text_key,
    }


def read_promise(body: dict[str, Any]) -> Promise:
    """The promise that an order keeps, to be judged again."""
    latest = body.get("latest")
    return Promise(
        kind=PromiseKind(body["kind"]),
        date=date.fromisoformat(body["date"]),
        latest=None if latest is None else date.fromisoformat(latest),
        lane=LaneKind(body["lane"]),
        origin=body["from"],
        days=body["days"],
        lane_id=0,
        location_id=None,
    )
