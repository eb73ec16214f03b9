# pyright: basic, reportMissingImports=false
"""Checks the shipped catalogue: counts, numbers, files, sizes, both languages. Exits 1 on a failure."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

from gtin import is_valid
from paths import CATALOGUE, PHOTOS
from PIL import Image

EXTRAS = {
    "place.webp": (1600, 1000, 120_000),
    "icon-192.png": (192, 192, 60_000),
    "icon-512.png": (512, 512, 120_000),
    "icon-maskable-512.png": (512, 512, 120_000),
}
SPECIAL_PHOTOS = ("wall.jpg", "barcode-1.jpg", "qr-1.jpg")


class Report:
    """Collects what is wrong."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def need(self, ok: bool, message: str) -> None:
        if not ok:
            self.problems.append(message)


def check_text(report: Report, where: str, value: Any) -> None:
    """Both languages, neither empty nor equal by neglect."""
    good = isinstance(value, dict) and all(str(value.get(k, "")).strip() for k in ("en", "fr"))
    report.need(good, f"{where}: needs en and fr")


def check_image(report: Report, path: Path, size: tuple[int, int], limit: int) -> None:
    if not path.exists():
        report.need(False, f"{path.name}: missing")
        return
    with Image.open(path) as picture:
        report.need(picture.size == size, f"{path.name}: {picture.size}, wanted {size}")
    weight = path.stat().st_size
    report.need(weight <= limit, f"{path.name}: {weight} bytes, limit {limit}")


def check_variant(report: Report, product: dict[str, Any], variant: dict[str, Any]) -> None:
    """One sellable thing."""
    sku = variant["sku"]
    report.need(is_valid(variant["gtin"]), f"{sku}: GTIN {variant['gtin']} is wrong")
    report.need(variant["gtin"][1] == "2", f"{sku}: GTIN outside the restricted prefixes")
    for money in ("EUR", "CNY"):
        amount = variant["prices"].get(money)
        report.need(isinstance(amount, int) and amount > 0, f"{sku}: price in {money}")
    report.need(isinstance(variant["weight_g"], int) and variant["weight_g"] > 0, f"{sku}: weight")
    if product["family"] == "groceries":
        report.need(variant.get("content", {}).get("unit") in ("g", "ml", "piece"), f"{sku}: content")
    if isinstance(variant["options"].get("colour"), dict):
        check_text(report, f"{sku} colour", variant["options"]["colour"])
    report.need(bool(variant["images"]), f"{sku}: no picture")


def check_product(report: Report, product: dict[str, Any]) -> None:
    """One line of products.jsonl."""
    name = product["id"]
    for key in ("title", "description"):
        check_text(report, f"{name} {key}", product[key])
    for key, value in product["attributes"].items():
        check_text(report, f"{name} {key}", value)
    report.need(product["tax_category"] in ("standard", "reduced"), f"{name}: tax category")
    report.need(product["lane"] in ("hub", "abroad"), f"{name}: lane")
    size = (800, 1000) if product["family"] == "fashion" else (800, 800)
    for image in product["images"]:
        check_image(report, CATALOGUE / image, size, 35_000)
    for variant in product["variants"]:
        check_variant(report, product, variant)
        report.need(
            set(variant["images"]) <= set(product["images"]), f"{variant['sku']}: picture of another product"
        )


def check_tables(report: Report, products: list[dict[str, Any]]) -> None:
    """catalog.csv and photos.csv."""
    skus = {v["sku"] for p in products for v in p["variants"]}
    with (CATALOGUE / "catalog.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    report.need(
        {r["image"] for r in rows} == {i for p in products for i in p["images"]},
        "catalog.csv: pictures differ",
    )
    report.need(all(r["sku"] in skus for r in rows), "catalog.csv: unknown SKU")
    with (PHOTOS / "photos.csv").open(encoding="utf-8", newline="") as source:
        shots = list(csv.DictReader(source))
    shown = {r["sku"] for r in shots}
    report.need(all(s["sku"] in skus and s["split"] == "val" for s in shots), "photos.csv: bad row")
    for product in products:
        report.need(any(v["sku"] in shown for v in product["variants"]), f"{product['id']}: no photo")
    for name in [r["image"] for r in shots] + list(SPECIAL_PHOTOS):
        check_image(report, PHOTOS / name, (720, 960), 70_000)


def check_whole(report: Report, products: list[dict[str, Any]]) -> None:
    """Counts, uniqueness, sizes of the folder."""
    report.need(len(products) >= 64, f"only {len(products)} products")
    for family, least in (("fashion", 26), ("home", 18), ("groceries", 20)):
        count = sum(p["family"] == family for p in products)
        report.need(count >= least, f"{family}: {count} products")
    variants = [v for p in products for v in p["variants"]]
    for key, values in (
        ("id", [p["id"] for p in products]),
        ("sku", [v["sku"] for v in variants]),
        ("gtin", [v["gtin"] for v in variants]),
    ):
        report.need(len(set(values)) == len(values), f"{key} is not unique")
    for name, (width, height, limit) in EXTRAS.items():
        check_image(report, CATALOGUE / name, (width, height), limit)
    for name in ("icon.svg", "LICENSE.md"):
        report.need((CATALOGUE / name).exists(), f"{name}: missing")
    files = [f for f in CATALOGUE.rglob("*") if f.is_file()]
    total = sum(f.stat().st_size for f in files)
    report.need(total <= 6_000_000, f"the folder weighs {total} bytes")
    for file in files:
        report.need(file.stat().st_size <= 300_000, f"{file.name}: more than 300 kB")


def check_codes(report: Report) -> None:
    """The barcode and the QR really decode."""
    import numpy as np
    import zxingcpp

    for name, start in (("barcode-1.jpg", "2"), ("qr-1.jpg", "https://demo.halles.example/01/")):
        path = PHOTOS / name
        if not path.exists():
            continue
        found = zxingcpp.read_barcodes(np.asarray(Image.open(path).convert("RGB")))
        report.need(any(f.text.startswith(start) for f in found), f"{name}: does not decode")


def main() -> int:
    report = Report()
    text = (CATALOGUE / "products.jsonl").read_text("utf-8")
    products = [json.loads(line) for line in text.splitlines() if line]
    for product in products:
        check_product(report, product)
    check_tables(report, products)
    check_whole(report, products)
    check_codes(report)
    for problem in report.problems:
        print(problem)
    variants = sum(len(p["variants"]) for p in products)
    print(
        f"{len(products)} products, {variants} variants:"
        f" {'ok' if not report.problems else f'{len(report.problems)} problems'}"
    )
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
