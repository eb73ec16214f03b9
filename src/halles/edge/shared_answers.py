"""Refusals of the OpenAPI document, told once: what several operations answer word for word is a component that they name."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any


def share_refusals(document: dict[str, Any]) -> None:
    """Put each answer of status 400 or more that stands more than once among the components, and a reference in its places."""
    places = [
        (operation["responses"], status)
        for operations in document["paths"].values()
        for operation in operations.values()
        for status in operation.get("responses", {})
        if status >= "400" and status.isdigit()
    ]
    texts = [json.dumps(responses[status], sort_keys=True) for responses, status in places]
    many, names = Counter(texts), dict[str, str]()
    shared: dict[str, Any] = document.setdefault("components", {}).setdefault("responses", {})
    for (responses, status), text in zip(places, texts, strict=True):
        if many[text] == 1:
            continue
        if text not in names:
            alike = sum(name.startswith(f"Refused{status}") for name in names.values())
            names[text] = f"Refused{status}" + (f"_{alike + 1}" if alike else "")
            shared[names[text]] = responses[status]
        responses[status] = {"$ref": f"#/components/responses/{names[text]}"}
