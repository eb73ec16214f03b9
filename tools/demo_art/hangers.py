# pyright: basic, reportMissingImports=false
"""What garments hang from, and the pieces of tailoring that many of them share."""

from __future__ import annotations

import numpy as np
from cloth import Sheet, flipped, outline
from folds import Fold, crease
from solids import Array, Part, curve3, tube
from studio import matte, metal
from weave import Pattern

OAK = "#b98a56"
IRON = "#2a2b29"


def px(text: str) -> Array:
    """A space curve given in canvas pixels: x, y (down), z (towards the viewer)."""
    pts = curve3(text)
    return np.c_[pts[:, 0], -pts[:, 2], -pts[:, 1]] / 1000


def hanger(y: float = 146, half: float = 136, drop: float = 46) -> list[Part]:
    """A wooden hanger with an iron hook; y is where the wood meets the hook."""
    bar = f"{400 - half},{y + drop},12 {400 - half * 0.5},{y + drop * 0.4},18 400,{y},22 "
    bar += f"{400 + half * 0.5},{y + drop * 0.4},18 {400 + half},{y + drop},12"
    hook = (
        f"400,{y},22 400,{y - 38},22 401,{y - 48},22 416,{y - 62},22 418,{y - 80},22 400,{y - 92},22"
        f" 383,{y - 80},22"
    )
    return [
        tube(px(bar), 0.0095, matte(OAK, 0.5, 0.4)),
        tube(px(hook), 0.0028, metal("#8d8a84", 0.3)),
        tube(px(f"400,{y - 10},22 400,{y - 4},22 400,{y + 2},22"), 0.006, metal("#b08d57", 0.3)),
    ]


def clips(y: float, half: float) -> list[Part]:
    """A bar with two clips, for skirts and trousers."""
    parts = [tube(px(f"{390 - half},{y},20 400,{y},20 {410 + half},{y},20"), 0.0065, matte(OAK, 0.5, 0.4))]
    hook = (
        f"400,{y},20 400,{y - 38},20 401,{y - 48},20 416,{y - 62},20 418,{y - 80},20 400,{y - 92},20"
        f" 383,{y - 80},20"
    )
    parts.append(tube(px(hook), 0.0028, metal("#8d8a84", 0.3)))
    steel, swell = metal("#4a4a47", 0.35), np.linspace(0.009, 0.0125, 21)
    ends = (400 - half + 26, 400 + half - 26)
    parts += [tube(px(f"{x},{y - 9},26 {x},{y + 10},30 {x},{y + 34},40"), swell, steel) for x in ends]
    return parts


def both(
    sheet: Sheet,
    right: str,
    *args: object,
    folds: list[Fold] | None = None,
    mirror: list[Fold] | None = None,
    **kw: object,
) -> None:
    """A layer on each side; the left one may have its own folds."""
    sheet.layer(flipped(right), *args, folds=mirror if mirror is not None else folds, **kw)  # type: ignore[arg-type]
    sheet.layer(right, *args, folds=folds, **kw)  # type: ignore[arg-type]


def crease2(
    points: str, amp: float, width: float, skew: float = 0.0, taper: str = "both"
) -> tuple[Fold, Fold]:
    """A crease and its mirror image (left)."""
    return crease(points, amp, width, skew, taper), crease(flipped(points), amp, width, -skew, taper)


def long_sleeves(
    sheet: Sheet,
    colour: str,
    cloth: str,
    cuff: tuple[float, float] = (645, 660),
    width: float = 66,
    spread: float = 0,
    pattern: Pattern | None = None,
    lift: float = 2,
    top: float = 176,
) -> None:
    """Two hanging sleeves with elbow folds."""
    o, s = cuff[1], spread
    outer = (
        f"540,{top} 566,{top + 10} 594,{top + 52} 618,{top + 150} {634 + s * 0.6},{(o + top) / 2 + 60}"
        f" {cuff[0] + s},{o}!"
    )
    inner = (
        f"{cuff[0] + s - width},{o + 10}! {578 + s * 0.4},{(o + top) / 2 + 70} 562,{top + 170}"
        f" 540,{top + 130} 510,{top + 60}"
    )
    r1, l1 = crease2(
        f"{610 + s * 0.3},{top + 205} {585 + s * 0.3},{top + 235} {566 + s * 0.3},{top + 240}", 6, 9
    )
    r2, l2 = crease2(
        f"{622 + s * 0.5},{top + 265} {598 + s * 0.5},{top + 262} {574 + s * 0.4},{top + 290}", 7, 8
    )
    r3, l3 = crease2(f"{626 + s * 0.6},{o - 110} {606 + s * 0.6},{o - 92} {588 + s * 0.6},{o - 96}", 5, 8)
    r4, l4 = crease2(f"556,{top + 30} 590,{top + 140} {600 + s * 0.5},{o - 60}", 4, 15, 0, "none")
    r5, l5 = crease2(f"560,{top + 150} 580,{top + 120} 604,{top + 110}", -4, 9)
    for points, folds in (
        (f"{outer} {inner}", [r1, r2, r3, r4, r5]),
        (flipped(f"{outer} {inner}"), [l1, l2, l3, l4, l5]),
    ):
        sheet.layer(
            points, colour, cloth, lift=lift, puff=13, soft=30, folds=folds, crumple=3, pattern=pattern
        )


def back_neck(
    colour: str, cloth: str, neck: float = 62, top: float = 140, deep: float = 110, label: str = "#f3eee2"
) -> Sheet:
    """The inside of the back that shows in the neck opening, with its small label."""
    sheet = Sheet(seed=91, depth=2)
    ring = outline(
        f"400,{top - 6} {400 + neck * 0.7},{top - 4} {400 + neck + 10},{top + 6}! {400 + neck},{top + deep}"
        f" 400,{top + deep + 30}",
        mirrored=True,
    )
    sheet.layer(ring, colour, cloth, lift=1, puff=2, soft=8, crumple=0.5)
    sheet.layer(
        f"378,{top + 14}! 422,{top + 14}! 422,{top + 34}! 378,{top + 34}!",
        label,
        "plain",
        lift=1,
        puff=0.5,
        soft=2,
        crumple=0,
        attached=True,
    )
    return sheet


def placket(
    sheet: Sheet,
    colour: str,
    cloth: str,
    top: float,
    bottom: float,
    x: float = 400,
    half: float = 15,
    pattern: Pattern | None = None,
) -> None:
    """The band that carries the buttons."""
    sheet.layer(
        f"{x - half},{top}! {x + half},{top}! {x + half},{bottom}! {x - half},{bottom}!", colour, cloth,
        lift=2.2, puff=1.5, soft=4, crumple=0, attached=True, pattern=pattern,
    )  # fmt: skip


def shirt_collar(
    sheet: Sheet, colour: str, cloth: str, pattern: Pattern | None = None, drop: float = 0
) -> None:
    """A turned-down collar with two points."""
    d = drop
    stand = outline(
        f"400,{172 + d} 418,{160 + d} 446,{138 + d}! 458,{146 + d} 436,{178 + d} 402,{192 + d}", mirrored=True
    )
    sheet.layer(stand, colour, cloth, lift=14, puff=3, soft=6, crumple=0, pattern=pattern)
    leaf = (
        f"403,{184 + d}! 424,{160 + d} 444,{131 + d} 456,{132 + d}! 472,{150 + d} 480,{178 + d}"
        f" 462,{232 + d}! 430,{206 + d}!"
    )
    both(sheet, leaf, colour, cloth, lift=22, puff=5, soft=9, crumple=0.5, pattern=pattern, angle=30)


def cuffs(
    sheet: Sheet, colour: str, cloth: str, x: float, y: float, width: float, tall: float = 40, **kw: object
) -> None:
    """A band at the end of each sleeve."""
    both(
        sheet, f"{x - width - 2},{y - tall + 8}! {x + 2},{y - tall}! {x + 3},{y}! {x - width - 3},{y + 9}!", colour, cloth,
        lift=5, puff=6, soft=9, crumple=0.5, **kw,
    )  # fmt: skip
