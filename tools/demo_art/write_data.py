# pyright: basic, reportMissingImports=false
"""Writes products.jsonl, catalog.csv, photos/photos.csv and LICENSE.md."""

from __future__ import annotations

import csv
import json

from catalogue import products
from paths import CATALOGUE, PHOTOS

LICENSE = """# Licence

The pictures and texts of this demo catalogue are original works of the Halles authors, drawn and rendered by the scripts
in `tools/demo_art` of the Halles repository, and are licensed like the code under the Apache License, Version 2.0. The
brands, products and GTINs are invented; the GTINs use the GS1 prefix for restricted circulation and belong to nobody.
"""


def main() -> None:
    """Write every data file."""
    rows = products()
    CATALOGUE.mkdir(parents=True, exist_ok=True)
    PHOTOS.mkdir(exist_ok=True)
    text = "\n".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in rows)
    (CATALOGUE / "products.jsonl").write_text(text + "\n", "utf-8")
    with (CATALOGUE / "catalog.csv").open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["sku", "name", "image", "description"])
        for row in rows:
            seen: set[str] = set()
            for variant in row["variants"]:
                image = variant["images"][0]
                if image in seen:
                    continue
                seen.add(image)
                colour = variant["options"].get("colour", {}).get("en", "")
                name = row["title"]["en"] + (f", {colour}" if colour else "")
                table.writerow([variant["sku"], name, image, row["description"]["en"]])
    with (PHOTOS / "photos.csv").open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["image", "sku", "split"])
        for row in rows:
            table.writerow([f"{row['id']}.jpg", row["variants"][0]["sku"], "val"])
    (CATALOGUE / "LICENSE.md").write_text(LICENSE, "utf-8")


if __name__ == "__main__":
    main()
