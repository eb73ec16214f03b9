"""Counts people on clips whose crossings a person counted, at several paces and thresholds: JSON, one object a line.

python bench/door_camera.py --model yolox_nano.onnx --clips FOLDER

FOLDER holds Intel's sample videos (CC BY 4.0). Each clip is seen once by the network, at its full pace; paces and thresholds are
then compared on what it saw. What each line expects, and how that was counted, is in docs/algorithms/counting-people.md.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path

from halles.journeys.door_camera.adapters.video import recording
from halles.journeys.door_camera.adapters.yolox import Yolox
from halles.journeys.door_camera.cli import read_line
from halles.journeys.door_camera.rules.counting import CountSettings, Point, begin, look
from halles.journeys.door_camera.rules.pace import due
from halles.journeys.door_camera.rules.tracking import TrackerSettings
from halles.journeys.door_camera.types import Detection


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A line in a clip, and who crosses it by a person's count: inward, outward."""

    clip: str
    line: str
    inside: str
    point: Point
    truth: tuple[int, int]


ONE_BY_ONE, FOOT, MIDDLE = "one-by-one-person-detection.mp4", Point.FOOT, Point.MIDDLE
CASES = (
    Case(clip=ONE_BY_ONE, line="0.75,0,0.75,1", inside="0.3,0.5", point=FOOT, truth=(0, 6)),
    Case(clip=ONE_BY_ONE, line="0.7,0,0.7,1", inside="0.3,0.5", point=FOOT, truth=(0, 6)),
    Case(clip=ONE_BY_ONE, line="0.85,0,0.85,1", inside="0.3,0.5", point=FOOT, truth=(0, 6)),
    Case(clip=ONE_BY_ONE, line="0,0.7,1,0.7", inside="0.5,0.2", point=MIDDLE, truth=(6, 0)),
    Case(clip=ONE_BY_ONE, line="0,0.6,1,0.6", inside="0.5,0.2", point=MIDDLE, truth=(6, 0)),
    Case(clip="store-aisle-detection.gif", line="0.76,0.5,0.76,1", inside="0.3,0.8", point=MIDDLE, truth=(1, 0)),
    Case(clip="people-detection.gif", line="0.06,0,0.06,1", inside="0.5,0.5", point=FOOT, truth=(0, 1)),
    Case(clip="car-detection.mp4", line="0.5,0,0.5,1", inside="0.9,0.5", point=FOOT, truth=(0, 0)),
    Case(clip="bottle-detection.mp4", line="0.5,0,0.5,1", inside="0.9,0.5", point=FOOT, truth=(0, 0)),
    Case(clip="head-pose-face-detection-male.gif", line="0.5,0,0.5,1", inside="0.9,0.5", point=FOOT, truth=(0, 0)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What the network saw: a moment and people for each picture, the pictures' size, and what it cost."""

    pictures: list[tuple[float, list[Detection]]]
    size: tuple[float, float]
    cpu_ms: float


def see(detector: Yolox, path: Path) -> Seen:
    pictures: list[tuple[float, list[Detection]]] = []
    size, cpu_s = (0.0, 0.0), 0.0
    for shot in recording(path, 1000.0):
        begun = time.process_time()
        pictures.append((shot.at_s, detector.people(shot.frame)))
        cpu_s += time.process_time() - begun
        size = (float(shot.frame.shape[1]), float(shot.frame.shape[0]))
    return Seen(pictures, size, 1000 * cpu_s / len(pictures))


def count(case: Case, seen: Seen, rate: float, sure: float, margin: float) -> tuple[int, int]:
    tracker = replace(TrackerSettings(), sure=sure)
    settings = CountSettings(point=case.point, margin=margin, tracker=tracker)
    state, line, next_s, ways = begin(0.0), read_line(case.line, case.inside), 0.0, [0, 0]
    for at_s, people in seen.pictures:
        wanted, next_s = due(at_s, next_s, rate)
        if wanted:
            state, crossings = look(state, people, at_s, seen.size, line, settings)
            for crossing in crossings:
                ways[0 if crossing.inward else 1] += 1
    return ways[0], ways[1]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    detector = Yolox(options.model, threads=options.threads)
    seen: dict[str, Seen] = {}
    for case in CASES:
        if case.clip not in seen:
            seen[case.clip] = see(detector, options.clips / case.clip)
        base = {"clip": case.clip, "line": case.line, "point": case.point, "truth": case.truth}
        one = seen[case.clip]
        print(json.dumps(base | {"pictures": len(one.pictures), "cpu_ms": round(one.cpu_ms, 1)}))
        by_rate = {rate: count(case, one, rate, 0.4, 0.1) for rate in (30.0, 10.0, 5.0, 3.0)}
        by_sure = {sure: count(case, one, 10.0, sure, 0.1) for sure in (0.3, 0.4, 0.5, 0.6)}
        by_margin = {margin: count(case, one, 10.0, 0.4, margin) for margin in (0.05, 0.1, 0.15)}
        print(json.dumps({"rate": by_rate, "sure": by_sure, "margin": by_margin}))


if __name__ == "__main__":
    main()
