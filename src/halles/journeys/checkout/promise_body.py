"""A promise as the interface shows it and an order keeps it."""

from __future__ import annotations

from datetime import date
from typing import Any

from halles.promises.types import LaneKind, Promise, PromiseKind


def promise_body(promise: Promise) -> dict[str, Any]:
    """`{kind, date, likely, latest, lane, from, days, confidence, text_key}`, dates in ISO 8601."""
    return {
        "kind": promise.kind.value,
        "date": promise.date.isoformat(),
        "likely": None if promise.likely is None else promise.likely.isoformat(),
        "latest": None if promise.latest is None else promise.latest.isoformat(),
        "lane": promise.lane.value,
        "from": promise.origin,
        "days": promise.days,
        "confidence": promise.confidence.value,
        "text_key": promise.text_key,
    }


def kept_body(promise: Promise) -> dict[str, Any]:
    """As an order keeps it: with the lane that it was given on, so that it can be watched."""
    return {**promise_body(promise), "lane_id": promise.lane_id}


def read_promise(body: dict[str, Any]) -> Promise:
    """The promise that an order keeps, to be judged again."""
    latest, likely = body.get("latest"), body.get("likely")
    return Promise(
        kind=PromiseKind(body["kind"]),
        date=date.fromisoformat(body["date"]),
        latest=None if latest is None else date.fromisoformat(latest),
        lane=LaneKind(body["lane"]),
        origin=body["from"],
        days=body["days"],
        lane_id=body.get("lane_id", 0),
        location_id=None,
        likely=None if likely is None else date.fromisoformat(likely),
    )
