"""Examples for the OpenAPI document: what a schema does not show itself is put together from its fields' names and types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_BY_NAME: Mapping[str, Any] = {
    "title": "Camille trench coat",
    "name": "Pop-up Le Marais",
    "brand": "Atelier Rivoli",
    "category": "fashion/coats",
    "family": "fashion",
    "city": "Paris",
    "country": "FR",
    "currency": "EUR",
    "label_currency": "CNY",
    "email": "camille@demo.halles.example",
    "sku": "AR-CAMILLE-SA-38",
    "gtin": "02000000001029",
    "code": "marais-photo",
    "touchpoint": "marais-photo",
    "locale": "fr",
    "timezone": "Europe/Paris",
    "reason": "Delivery note 4711",
    "quantity": 2,
    "variant_id": 17,
    "seller_id": 1001,
    "place_id": 1,
    "location_id": 1,
    "account_id": 12,
    "owner_id": 1004,
    "party_id": 1004,
    "minor": 18900,
    "rate_bp": 2000,
    "score": 0.83,
    "position": "A1",
    "status": "ready",
    "image": "580cee855a0992d07044264f8033bfd5b90d4630.webp",
    "images": ["580cee855a0992d07044264f8033bfd5b90d4630.webp"],
}
_BY_FORMAT: Mapping[str, Any] = {
    "uuid": "0199f3a2-7c1e-7b6a-9a51-0d7f6a3c2b10",
    "date-time": "2026-11-21T10:00:00Z",
    "date": "2026-11-25",
    "binary": "…",
    "email": "camille@demo.halles.example",
}
_BY_TYPE: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 0.5, "boolean": True, "null": None}
_DEEPEST = 8


def fill_in(document: dict[str, Any]) -> None:
    """Give every JSON body of the document that shows no example one that fits its schema."""
    schemas: Schema = document.get("components", {}).get("schemas", {})
    for operations in document["paths"].values():
        for operation in operations.values():
            bodies = [operation.get("requestBody", {}), *operation.get("responses", {}).values()]
            for content in (body.get("content", {}).get("application/json") for body in bodies):
                if content and content.get("schema") and not {"example", "examples"} & set(content):
                    content["example"] = example_of(content["schema"], schemas)


def example_of(schema: Schema, schemas: Schema, name: str = "", depth: int = 0) -> Any:
    """A value that fits `schema`; `name` is the field it stands in. References are looked up in `schemas`."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas, name, depth)
    for given in ("example", "default", "const"):
        if schema.get(given) is not None:
            return schema[given]
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("enum"):
        return schema["enum"][0]
    options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if options:
        return example_of(options[0], schemas, name, depth)
    return _of_type(schema, schemas, name, depth)


def _of_type(schema: Schema, schemas: Schema, name: str, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            fields: Schema = schema.get("properties", {}) if depth < _DEEPEST else {}
            return {field: example_of(inner, schemas, field, depth + 1) for field, inner in fields.items()}
        case "array":
            if (
                name in _BY_NAME
                and isinstance(_BY_NAME[name], list)
                and schema.get("items", {}).get("type") == "string"
            ):
                return _BY_NAME[name]
            item: Schema = schema.get("items", {})
            return (
                [example_of(item, schemas, name.removesuffix("s"), depth + 1)]
                if item and depth < _DEEPEST
                else []
            )
        case kind:
            return _scalar(schema, str(kind), name)


def _scalar(schema: Schema, kind: str, name: str) -> Any:
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    known = _BY_NAME.get(name)
    fits = {"string": str, "integer": int, "number": (int, float)}.get(kind)
    if fits is not None and isinstance(known, fits):
        return known
    if kind in {"integer", "number"}:
        return max(
            schema.get("minimum", _BY_TYPE[kind]), min(_BY_TYPE[kind], schema.get("maximum", _BY_TYPE[kind]))
        )
    return _BY_TYPE.get(kind, {})
