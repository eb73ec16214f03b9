# pyright: basic, reportMissingImports=false
"""Reads the texts in data/ and gives products with variants, pictures and numbers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

from gtin import gtin14
from paths import DATA

FAMILIES = ("fashion", "home", "groceries")
NUTRITION = {
    "en": (
        "Per 100 {u}: energy {0} kJ / {1} kcal; fat {2} g, of which saturates {3} g; "
        "carbohydrate {4} g, of which sugars {5} g; protein {6} g; salt {7} g"
    ),
    "fr": (
        "Pour 100 {u} : énergie {0} kJ / {1} kcal ; matières grasses {2} g, dont acides gras saturés {3} g ; "
        "glucides {4} g, dont sucres {5} g ; protéines {6} g ; sel {7} g"
    ),
}


@cache
def colours() -> dict[str, list[str]]:
    """Colour names by key."""
    return tomllib.loads((DATA / "colours.toml").read_text("utf-8"))


@cache
def entries() -> list[dict[str, Any]]:
    """Every product as written in the data files, with its family."""
    out = []
    for family in FAMILIES:
        listed = tomllib.loads((DATA / f"{family}.toml").read_text("utf-8"))["product"]
        out += [entry | {"family": family} for entry in listed]
    return out


def pair(values: list[str]) -> dict[str, str]:
    return {"en": values[0], "fr": values[1]}


def picture(product_id: str, colour: str | None) -> str:
    """Where the picture of a variant lies, relative to the catalogue."""
    return f"images/{product_id}-{colour}.webp" if colour else f"images/{product_id}.webp"


def pictures() -> Iterator[tuple[dict[str, Any], str | None]]:
    """Every picture to draw: a product and a colour (None when there is only one look)."""
    for entry in entries():
        for colour in entry.get("colours") or [None]:
            yield entry, colour


def initials(brand: str) -> str:
    words = [w for w in brand.replace("-", " ").replace("&", " ").replace("'", " ").split() if w]
    return (words[0][0] + words[-1][0]).upper() if len(words) > 1 else brand[:2].upper()


def ascii_upper(text: str) -> str:
    table = str.maketrans("éèêàâîïôûç", "eeeaaiiouc")
    return text.translate(table).upper()


def attributes(entry: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Facts a label must carry."""
    keys = ("material", "care", "ingredients", "allergens")
    out = {k: pair(entry[k]) for k in keys if k in entry}
    if entry["family"] == "groceries" and "allergens" not in entry:
        out["allergens"] = {"en": "None", "fr": "Aucun"}
    if "nutrition" in entry:
        unit = "ml" if entry["content"][1] == "ml" else "g"
        values = [f"{v:g}" for v in entry["nutrition"]]
        out["nutrition"] = {
            "en": NUTRITION["en"].format(*values, u=unit),
            "fr": NUTRITION["fr"].format(*[v.replace(".", ",") for v in values], u=unit),
        }
    return out


def variants(entry: dict[str, Any], serial: int) -> list[dict[str, Any]]:
    """Colours times sizes."""
    stem = f"{initials(entry['brand'])}-{ascii_upper(entry['id']).split('-')[0]}"
    if entry["family"] == "groceries":
        stem += "-" + ascii_upper(entry["id"]).split("-")[-1][:4]
    out = []
    for colour in entry.get("colours") or [None]:
        for size in entry.get("sizes") or [None]:
            sku, options = stem, {}
            if colour:
                name = colours()[colour]
                sku, options["colour"] = f"{sku}-{name[2]}", pair(name)
            if size:
                sku += "-" + ("U" if size == "one size" else size)
                options["size"] = pair(["one size", "taille unique"]) if size == "one size" else size
            row: dict[str, Any] = {
                "sku": sku,
                "gtin": gtin14(serial * 100 + len(out) + 1),
                "options": options,
            }
            row["prices"] = {"EUR": entry["prices"][0], "CNY": entry["prices"][1]}
            row["images"] = [picture(entry["id"], colour)]
            if "content" in entry:
                row["content"] = {"amount": entry["content"][0], "unit": entry["content"][1]}
            row["weight_g"] = entry.get("weight") or _weight(entry)
            out.append(row)
    return out


def _weight(entry: dict[str, Any]) -> int:
    amount, unit = entry["content"]
    return {"g": round(amount * 1.25), "ml": round(amount * 1.5), "piece": amount * 160}[unit]


def products() -> list[dict[str, Any]]:
    """The catalogue in Halles' JSON Lines form."""
    out = []
    for number, entry in enumerate(entries(), 1):
        food = entry["family"] == "groceries"
        shown = [picture(entry["id"], c) for c in entry.get("colours") or [None]]
        out.append(
            {
                "id": entry["id"],
                "brand": entry["brand"],
                "family": entry["family"],
                "category": entry["category"],
                "title": pair(entry["title"]),
                "description": pair(entry["text"]),
                "origin": entry["origin"],
                "lane": entry.get("lane", "hub"),
                "attributes": attributes(entry),
                "tax_category": "reduced" if food else "standard",
                "images": shown,
                "variants": variants(entry, number),
            }
        )
    return out
