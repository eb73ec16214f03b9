"""How a page fares on a phone: Lighthouse's four scores, and the medians of what its performance score is made of.

Lighthouse throttles by calculation: a phone's processor is taken to be four times slower than this machine, and whatever else it
does counts as the page's own work. Beside other work take many runs and look at the best as well as at the median.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from halles.edge import webbuild
from halles.edge.dev import find_chromium

_LIGHTHOUSE = "lighthouse@12.8.2"  # 13 needs a newer Node
_CHROMIUM_FLAGS = "--headless --no-sandbox --disable-quic --disable-gpu"
_SCORES = ("performance", "accessibility", "best-practices", "seo")
_MEASURES = {
    "tbt_ms": "total-blocking-time",
    "lcp_ms": "largest-contentful-paint",
    "fcp_ms": "first-contentful-paint",
    "speed_index_ms": "speed-index",
    "script_ms": "bootup-time",
    "main_thread_ms": "mainthread-work-breakdown",
    "bytes": "total-byte-weight",
}
_TRIES = 3  # a new Chromium now and then leaves Lighthouse without a trace
_PATIENCE_S = 180


class NoMeasurement(Exception):
    """Lighthouse, Node or Chromium is missing, or the page could not be measured; the message says which."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the address and print JSON; 1 when a score's median is below its floor, 2 when nothing could be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8000/")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--floor", type=int, default=95, help="least median of the performance score")
    chosen = parser.parse_args(arguments)
    try:
        reports = [measure(chosen.url) for _ in range(chosen.runs)]
    except (NoMeasurement, webbuild.WebBuildFailed) as reason:
        sys.stderr.write(f"{reason}\n")
        return 2
    found = summary(reports)
    sys.stdout.write(json.dumps({"url": chosen.url, **found}, indent=2) + "\n")
    floors = {**dict.fromkeys(_SCORES, 100), "performance": chosen.floor}
    return 0 if all(found["scores"][name] >= floor for name, floor in floors.items()) else 1


def measure(url: str) -> Mapping[str, Any]:
    """One report of a cold load. Raises NoMeasurement."""
    chromium = find_chromium()
    if chromium is None:
        raise NoMeasurement("Chromium is needed; name it in HALLES_CHROMIUM")
    npm = webbuild.find_npm()
    said = ""
    for _ in range(_TRIES):
        with tempfile.TemporaryDirectory(prefix="halles-page-") as folder:
            report = Path(folder, "report.json")
            done = subprocess.run(
                [
                    *(*npm.command, "exec", "--yes", f"--package={_LIGHTHOUSE}", "--"),
                    *("lighthouse", url, "--quiet", "--output=json", f"--output-path={report}"),
                    f"--chrome-flags={_CHROMIUM_FLAGS}",
                ],
                env={**npm.env, "CHROME_PATH": chromium},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_PATIENCE_S,
                check=False,
            )
            said = done.stderr.strip()
            found: dict[str, Any] = json.loads(report.read_bytes()) if report.is_file() else {}
        if found and found["categories"]["performance"]["score"] is not None:
            return found
    raise NoMeasurement(f"Lighthouse could not measure {url}:\n{said[-1_000:]}")


def summary(reports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Median scores of 100, median measures, and every run's performance score."""

    def scores(name: str) -> list[int]:
        return [round(report["categories"][name]["score"] * 100) for report in reports]

    def values(audit: str) -> list[float]:
        return [report["audits"][audit]["numericValue"] for report in reports]

    return {
        "runs": len(reports),
        "scores": {name: statistics.median(scores(name)) for name in _SCORES},
        "performance_of_each_run": scores("performance"),
        "medians": {name: round(statistics.median(values(audit))) for name, audit in _MEASURES.items()},
        "requests": statistics.median(
            len(report["audits"]["network-requests"]["details"]["items"]) for report in reports
        ),
        "layout_shift": round(statistics.median(values("cumulative-layout-shift")), 4),
    }


if __name__ == "__main__":
    sys.exit(main())
