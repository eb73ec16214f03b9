# pyright: basic, reportMissingImports=false
"""Little drawings for the labels, each about 100 units wide round the origin."""

from __future__ import annotations

import math

from svg import circle, group, path


def strawberry(ink: str, red: str) -> str:
    seeds = "".join(
        path(f"M{x} {y}q2 4 0 7q-2-3 0-7", ink)
        for x, y in ((-16, -6), (0, -8), (16, -6), (-9, 10), (9, 10), (0, 26))
    )
    leaf = path(
        "M0-22q-10-16-28-8q8 12 28 8q-4 10-14 16M0-22q10-16 28-8q-8 12-28 8q4 10 14 16M0-24q0-12 8-20",
        ink,
        ink,
        2,
    )
    return (
        path("M0 50C-26 34-40 6-32-12C-26-26-10-26 0-22C10-26 26-26 32-12C40 6 26 34 0 50Z", red, ink, 2.5)
        + seeds
        + leaf
    )


def bee(ink: str, gold: str) -> str:
    wings = path(
        "M0-6C-20-44-46-40-40-22C-36-10-14-4 0-6C20-44 46-40 40-22C36-10 14-4 0-6Z", "none", ink, 2.5
    )
    body = path("M0-12C16-12 20 6 16 22C12 36 4 44 0 50C-4 44-12 36-16 22C-20 6-16-12 0-12Z", gold, ink, 2.5)
    bands = path("M-17 4q17 6 34 0M-17 17q17 6 34 0M-13 30q13 5 26 0", "none", ink, 5)
    return (
        wings
        + body
        + bands
        + circle(0, -19, 9, ink)
        + path("M-4-26q-6-10-14-10M4-26q6-10 14-10", "none", ink, 2)
    )


def olive(ink: str, green: str) -> str:
    out = path("M-70 26C-30 0 20-10 72-24", "none", ink, 3)
    for k, (x, y, turn) in enumerate(
        ((-46, 12, -70), (-22, 2, 150), (4, -6, -60), (30, -12, 160), (54, -20, -50))
    ):
        leaf = path("M0 0C6-14 30-18 48-8C32 4 10 8 0 0Z", green if k % 2 else "none", ink, 2.2)
        out += group(leaf, x, y, 0.9, turn)
    return (
        out
        + path("M-8 2q4 10 2 16", "none", ink, 2)
        + group(path("M0-14C10-14 13 0 10 10C7 18-7 18-10 10C-13 0-10-14 0-14Z", green, ink, 2.2), -6, 34)
    )


def tea(ink: str, leaf: str) -> str:
    blade = "M0 0C-14-20-14-46 0-64C14-46 14-20 0 0Z"
    vein = "M0 0V-56M0-14l8-10M0-14l-8-10M0-30l7-9M0-30l-7-9"
    one = path(blade, leaf, ink, 2.2) + path(vein, "none", ink, 1.4)
    return (
        group(one, 0, 30)
        + group(one, 0, 30, 0.85, -52)
        + group(one, 0, 30, 0.85, 52)
        + path("M0 30v16", "none", ink, 3)
    )


def lantern(ink: str, light: str) -> str:
    body = path("M-22-24H22L30 34H-30Z", light, ink, 3) + path("M0-24V34M-26 6H26", "none", ink, 2)
    top = path("M-26-24L0-46L26-24Z", ink) + path("M-34 34H34V42H-34Z", ink)
    return body + top + circle(0, -52, 6, "none", ink, 3)


def cacao(ink: str, fill: str) -> str:
    pod = path("M0-56C22-44 30-14 26 12C22 36 8 50 0 58C-8 50-22 36-26 12C-30-14-22-44 0-56Z", fill, ink, 2.6)
    ribs = path("M0-54V56M-2-54C-18-30-20 20-4 54M2-54C18-30 20 20 4 54", "none", ink, 1.8)
    return group(pod + ribs, 0, 0, 1, 24)


def mountain(ink: str, snow: str) -> str:
    return path("M-80 40L-30-30L-8 0L18-44L80 40Z", ink) + path(
        "M-30-30L-44-10L-34-14L-28-4L-20-16ZM18-44L2-18L12-22L20-10L28-22L38-14Z", snow
    )


def bubbles(ink: str) -> str:
    spots = (
        (0, 30, 13),
        (-22, 12, 8),
        (20, 6, 10),
        (-6, -8, 6),
        (10, -24, 8),
        (-18, -26, 5),
        (2, -44, 5),
        (24, -40, 4),
    )
    return "".join(circle(x, y, r, "none", ink, 2.6) for x, y, r in spots)


def sardine(ink: str, fill: str) -> str:
    body = path("M-82 0C-50-28 20-28 56-4L84-20C80-6 80 6 84 20L56 4C20 28-50 28-82 0Z", fill, ink, 2.6)
    face = circle(-58, -4, 4, ink) + path("M-44-16C-38-6-38 6-44 16", "none", ink, 2.2)
    scales = "".join(path(f"M{x}-12q6 6 0 12q6 6 0 12", "none", ink, 1.6) for x in range(-30, 44, 13))
    return body + face + scales


def apple(ink: str, fill: str) -> str:
    body = path(
        "M0-18C-16-34-48-26-46 8C-44 36-24 52-12 50C-4 48 4 48 12 50C24 52 44 36 46 8C48-26 16-34 0-18Z",
        fill,
        ink,
        2.8,
    )
    return (
        body
        + path("M0-18C0-30 4-40 10-46", "none", ink, 3)
        + path("M6-36C16-54 36-52 42-46C32-34 16-30 6-36Z", ink)
    )


def pigeon(ink: str) -> str:
    body = (
        "M-60 20C-50-4-30-18-8-18C-4-38 16-48 30-38C36-34 38-28 46-26L36-20C34-2 22 24-4 30C-26 34-44 28-76"
        " 40C-72 32-66 26-60 20Z"
    )
    return path(body, ink) + circle(25, -31, 3, "#fff") + path("M-4 30l-4 18M10 27l0 20", "none", ink, 3)


def grains(ink: str, fill: str) -> str:
    out = ""
    for k in range(19):
        a, r = k * 2.399963, 9.2 * math.sqrt(k)
        out += circle(r * math.cos(a), r * math.sin(a), 5.4, fill if k % 3 else ink, ink, 1.4)
    return out


def hen(ink: str, fill: str, comb: str) -> str:
    body = path(
        "M-58-22C-46 4-34 2-20-2C-4-6 4-20 8-34C12-50 34-50 36-34L46-28L36-24C40 6 26 36-8 36C-44 36-62"
        " 10-58-22Z",
        fill,
        ink,
        2.8,
    )
    return (
        body
        + path("M14-44q2-12 8-6q4-10 10-1q8-4 5 8", comb, ink, 2)
        + circle(26, -34, 2.6, ink)
        + path("M-8 36v14M6 34v16M-26 8q16 14 30-2", "none", ink, 2.8)
    )


def wheat(ink: str) -> str:
    grain = path("M0 0C-8-8-8-20 0-28C8-20 8-8 0 0Z", ink)
    out = path("M0 60V-30", "none", ink, 2.6) + group(grain, 0, -30)
    for k in range(4):
        out += group(grain, -2, -8 + 16 * k, 0.9, -38) + group(grain, 2, -8 + 16 * k, 0.9, 38)
    return out


def fig(ink: str, fill: str) -> str:
    body = path(
        "M0-44C4-30 34-14 36 14C37 36 18 48 0 48C-18 48-37 36-36 14C-34-14-4-30 0-44Z", fill, ink, 2.8
    )
    return body + path("M0-44v-10M-12-20C-20 0-20 24-10 40M12-20C20 0 20 24 10 40M0-30V46", "none", ink, 1.8)


def hall(ink: str, sw: float = 5) -> str:
    """The arched iron hall of the house."""
    lines = (
        "M-70 46V-4A70 58 0 0 1 70-4V46M-38 46V-2A38 40 0 0 1 38-2V46M0-62V-42M-70-4H70M-38 24H38M0"
        " 46V-2M-62-34L-34-22M62-34L34-22M-32-54L-18-38M32-54L18-38M-80 46H80"
    )
    return path(lines, "none", ink, sw)
