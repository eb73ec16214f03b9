"""The OpenAPI document is complete: every operation is described, named, tagged, and shows examples that fit its schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from halles.edge.app import describe

DOCUMENT = describe()
OPERATIONS = [
    (m.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for m, operation in methods.items()
]


def _named(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _bodies(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for given in (operation.get("requestBody", {}), *operation["responses"].values()):
        body = (
            DOCUMENT["components"]["responses"][given["$ref"].rsplit("/", 1)[1]] if "$ref" in given else given
        )
        content = body.get("content", {}).get("application/json")
        if content is not None and content.get("schema"):
            yield content


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=_named)
def test_an_operation_tells_what_it_is(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation.get("summary"), f"{method} {path}"
    assert len(operation.get("description", "")) > 10
    assert operation.get("tags")
    assert "x-access" in operation


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=_named)
def test_examples_fit_their_schemas(method: str, path: str, operation: dict[str, Any]) -> None:
    for content in _bodies(operation):
        shown = content.get("example", next((e["value"] for e in content.get("examples", {}).values()), None))
        assert shown is not None, f"{method} {path} shows no example"
        schema = {**content.get("schema", {}), "components": DOCUMENT["components"]}
        jsonschema.validate(shown, schema)


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))


def test_every_schema_has_a_name_of_its_own() -> None:
    """Two models of one name are written with the names of their modules, which nobody should have to type."""
    assert [name for name in DOCUMENT["components"]["schemas"] if "__" in name] == []
