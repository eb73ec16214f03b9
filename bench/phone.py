"""Recognition on the phone, measured: the built pages in a real browser, over real photos.

    python bench/phone.py --catalog CATALOG.csv --photos PHOTOS.csv [--sample 300]

Serves the built pages (`src/halles/edge/static`, or `--static`), the phone's model and an index of the catalogue's pictures as
the application would, opens Debian's Chromium, and lets the pages' own code answer every photo. Of `--known` other photos the
mean and the products they went to are known before, as a server tells them. Prints one JSON object; shares are 0 to 1 of
all photos, a refused one counts as missed. `ms` is the browser's wall time from pixels to answer on one thread, `look_ms`
without what reads codes; what this machine does besides is in both: see `load`. `cpu_ms` is CPU time of all of the browser's
processes for one photo, fetched, opened and looked at, the mean of forty: it hardly depends on what else runs.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import shutil
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from halles.kernel.ids import derived_uuid
from halles.vision.adapters import phone_eyes
from halles.vision.adapters.evaluation import LabelledImage, read_list
from halles.vision.adapters.model_files import read_model
from halles.vision.adapters.phone_counts import count
from halles.vision.adapters.phone_model import SHORT
from halles.vision.api.phone import LEAST_PHOTOS
from halles.vision.rules.centring import PhotoMean, joined, no_photos
from halles.vision.rules.phone_index import digest, parts_of
from halles.vision.rules.phone_index import named as part_of
from halles.vision.rules.phone_named import Counted
from halles.vision.tests.phone_cases import lines
from halles.vision.types import PictureKind, PictureRow

ROOT = Path(__file__).parents[1]
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
ANSWER = """async ([address]) => {
  const photo = await (await fetch(address)).blob();
  const began = performance.now();
  const answer = await window.vision.recognise(photo);
  const picture = await createImageBitmap(photo);
  const again = performance.now();
  await window.vision.recognise(picture);
  return { answer, ms: again - began, look_ms: performance.now() - again };
}"""
LOOKS = """async (addresses) => {
  for (const address of addresses) await window.vision.recognise(await createImageBitmap(await (await fetch(address)).blob()));
}"""
OFFLINE = """async (data) => {
  const photo = await (await fetch('data:image/jpeg;base64,' + data)).blob();
  return (await window.vision.recognise(photo)).outcome;
}"""


def product(sku: str) -> Any:
    """The product id of a SKU, as the evaluation has it."""
    return derived_uuid("vision.evaluation", sku)


def prepared(catalog: list[LabelledImage], known: list[LabelledImage], folder: Path) -> dict[str, bytes]:
    """Everything the browser asks for, by address."""
    model = phone_eyes.build(folder)
    card, data = read_model(model)
    eyes = phone_eyes.PhoneEyes(model)
    rows = [
        PictureRow(
            product_id=product(one.sku),
            variant_id=None,
            media=one.path.name,
            kind=PictureKind.CATALOGUE,
            vector=eyes.embed(one.path.read_bytes(), PictureKind.CATALOGUE).vector,
        )
        for one in catalog
    ]
    parts, nothing = parts_of(rows, card.dim, SHORT), part_of(phone_eyes.nothing_of(model), 0)
    seen = [eyes.see(one.path.read_bytes()) for one in known]
    mean, named = no_photos(card.dim), Counted()
    for start in range(0, len(seen), LEAST_PHOTOS):
        some = np.stack(seen[start : start + LEAST_PHOTOS])
        mean = joined(mean, PhotoMean(photos=len(some), mean=some.mean(axis=0)))
        count(named, rows, mean, some, card)
    told = named.told(sorted({row.product_id for row in rows}))
    photos = {
        "photos": mean.photos,
        "mean": base64.b64encode(mean.mean.astype("<f4").tobytes()).decode(),
        "named": base64.b64encode(told).decode(),
    }
    about = _plain(card)
    address = f"/api/recognition/models/{card.sha256}.onnx"
    manifest = {
        "model": {**about, "href": address, "bytes": len(data)},
        "index": {
            "name": digest([part.name for part in parts]),
            "version": 1,
            "products": len({one.sku for one in catalog}),
            "pictures": len(rows),
            "left_out": 0,
            "bytes": sum(len(part.data) for part in parts),
            "parts": [{"name": p.name, "bytes": len(p.data), "products": p.products} for p in parts],
            "nothing": {"name": nothing.name, "bytes": len(nothing.data), "products": 0},
        },
        "photos": photos if seen else None,
    }
    files = {f"/api/recognition/parts/{part.name}": part.data for part in (*parts, nothing)}
    return files | {
        address: data,
        "/api/recognition": json.dumps(manifest).encode(),
        "/": b"<!doctype html><title>bench</title>",
    }


def _plain(card: Any) -> dict[str, Any]:
    fields = {name: getattr(card, name) for name in card.__struct_fields__ if name != "calibration"}
    return {**fields, "calibration": lines(card.calibration)}


def serve(files: dict[str, bytes], photos: list[LabelledImage], static: Path) -> ThreadingHTTPServer:
    """A server of these files, of the built pages and of `/photos/N`."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            body = files.get(path)
            if body is None and path.startswith("/photos/"):
                body = photos[int(path.rsplit("/", 1)[1])].path.read_bytes()
            if body is None and path.startswith("/assets/") and ".." not in path:
                file = static / path[1:]
                body = file.read_bytes() if file.is_file() else None
            self.send_response(200 if body is not None else 404)
            kinds = {
                ".js": "text/javascript",
                ".css": "text/css",
                ".wasm": "application/wasm",
                "": "text/html",
            }
            self.send_header("content-type", kinds.get(Path(path).suffix, "application/octet-stream"))
            self.send_header("content-length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def cpu_s(root: int) -> float:
    """CPU seconds used so far by the running descendants of a process, itself left out."""
    parents: dict[int, tuple[int, float]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        parents[int(stat.parent.name)] = (
            int(words[1]),
            (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK"),
        )
    found, total = {root}, 0.0
    while more := {one for one, (parent, _) in parents.items() if parent in found and one not in found}:
        total += sum(parents[one][1] for one in more)
        found |= more
    return total


def opened(page: Page, address: str, static: Path) -> dict[str, Any]:
    """The pages' own module, loaded and prepared; how long that took and what it keeps."""
    built = json.loads((static / ".vite/manifest.json").read_text())
    chunk = built["src/lib/vision/index.ts"]["file"]
    page.goto(address)
    return page.evaluate(
        """async (chunk) => {
          const began = performance.now();
          window.vision = await import('/' + chunk);
          const ready = await window.vision.prepare(null);
          return { ...ready, prepare_ms: Math.round(performance.now() - began) };
        }""",
        chunk,
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--catalog", type=Path, required=True)
    asked.add_argument("--photos", type=Path, required=True)
    asked.add_argument("--sample", type=int, default=300, help="photos answered, drawn with a fixed seed")
    asked.add_argument("--known", type=int, default=500, help="other photos that are known")
    asked.add_argument("--static", type=Path, default=ROOT / "src/halles/edge/static")
    wanted = asked.parse_args()
    catalog = read_list(wanted.catalog)
    everything = read_list(wanted.photos)
    drawn = random.Random(2017).sample(everything, min(len(everything), wanted.sample + wanted.known))
    known, photos = drawn[: wanted.known], drawn[wanted.known :]
    departments = {one.sku: one.department for one in catalog}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as player:
        server = serve(prepared(catalog, known, Path(folder)), photos, wanted.static)
        browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page()
        ready = opened(page, f"http://localhost:{server.server_port}/", wanted.static)
        told = [page.evaluate(ANSWER, [f"/photos/{i}"]) for i in range(len(photos))]
        some = [f"/photos/{i}" for i in range(min(40, len(photos)))]
        began = cpu_s(os.getpid())
        page.evaluate(LOOKS, some)
        cpu_ms = round((cpu_s(os.getpid()) - began) * 1000 / len(some))
        # Without a network: the page goes on from what it keeps.
        page.context.set_offline(True)
        picture = base64.b64encode(photos[0].path.read_bytes()).decode()
        offline = page.evaluate(OFFLINE, picture)
        browser.close()
        server.shutdown()
    print(
        json.dumps(
            report(photos, told, departments) | {"cpu_ms": cpu_ms, "offline": offline, "kept": ready},
            indent=1,
        )
    )


def report(
    photos: list[LabelledImage], told: list[dict[str, Any]], departments: dict[str, str]
) -> dict[str, Any]:
    """Shares and times."""
    ids = [[one["product_id"] for one in answer["answer"]["candidates"]] for answer in told]
    truth = [str(product(one.sku)) for one in photos]
    first = [right in shown[:1] for right, shown in zip(truth, ids, strict=True)]
    times = sorted(answer["look_ms"] for answer in told)
    by: dict[str, list[bool]] = {}
    for one, right in zip(photos, first, strict=True):
        by.setdefault(departments.get(one.sku, ""), []).append(right)
    hints = [answer["answer"]["hint"] for answer in told]
    return {
        "n": len(photos),
        "top1": round(sum(first) / len(first), 4),
        "top5": round(sum(r in s for r, s in zip(truth, ids, strict=True)) / len(truth), 4),
        "top1_by_department": {name: round(sum(some) / len(some), 4) for name, some in sorted(by.items())},
        "refused": round(sum(not shown for shown in ids) / len(ids), 4),
        "asked_which": sum(bool(answer["answer"]["parts"]) for answer in told),
        "hints": {name: hints.count(name) for name in ("dark", "bright", "blurred")},
        "look_ms": {
            "least": round(times[0]),
            "median": round(times[len(times) // 2]),
            "p90": round(times[int(len(times) * 0.9)]),
        },
        "ms_median": round(sorted(answer["ms"] for answer in told)[len(told) // 2]),
        "load": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    main()
