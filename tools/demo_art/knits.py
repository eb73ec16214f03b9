# pyright: basic, reportMissingImports=false
"""Jumpers and cardigans."""

from __future__ import annotations

from cloth import Sheet, flipped, outline
from folds import crease, drape
from hangers import back_neck, both, cuffs, hanger, long_sleeves
from solids import Array, Part
from weave import Pattern, stripes

ROLL = {"black": ("#232325", "#1b1b1d"), "rust": ("#93431f", "#7d3819")}
CABLE = {"cream": ("#e6dcc3", "#d2c6a8"), "sage": ("#8c9a7c", "#78876a")}


def _body(
    sheet: Sheet,
    colour: str,
    cloth: str,
    hem: float = 690,
    neck: float = 210,
    pattern: Pattern | None = None,
    folds: list | None = None,
) -> None:
    shape = outline(
        f"400,{neck} 430,{neck - 8} 452,150! 508,162 562,182! 552,250 546,330 546,480 550,600 544,{hem}!"
        f" 470,{hem + 8} 400,{hem + 8}",
        mirrored=True,
    )
    base = [
        drape(2.6, 8, 360, hem, 1, 0.8),
        crease("540,380 500,440 440,470", 6, 13),
        crease("262,400 310,450 360,470", 6, 13),
    ]
    sheet.layer(
        shape,
        colour,
        cloth,
        lift=7,
        puff=15,
        soft=44,
        folds=[*base, *(folds or [])],
        crumple=5,
        pattern=pattern,
    )


def _hem(sheet: Sheet, colour: str, low: float = 690, tall: float = 46, edge: float = 546) -> None:
    band = outline(
        f"400,{low - tall + 8} 470,{low - tall + 8} {edge + 2},{low - tall}! {edge},{low - tall * 0.5}"
        f" {edge - 5},{low}! 470,{low + 9} 400,{low + 9}",
        mirrored=True,
    )
    sheet.layer(band, colour, "rib", lift=13, puff=12, soft=16, crumple=1)


def _neckband(sheet: Sheet, colour: str, deep: float = 210, wide: float = 20) -> None:
    outer: Array = outline(
        f"400,{deep + wide} 440,{deep + wide - 12} 470,152! 452,140! 428,{deep - 16} 400,{deep - 4}",
        mirrored=True,
    )
    sheet.layer(outer, colour, "rib", lift=17, puff=7, soft=9, crumple=0.5)


def marin_breton(_: str | None) -> list[Part]:
    """Sailor's jumper: navy stripes on ecru, buttons on the shoulder."""
    main, navy = "#e7dec8", "#22304e"
    sheet = Sheet(seed=101)
    long_sleeves(sheet, main, "fine", (640, 640), 70, 0, stripes(navy, 34, 13, low=232, high=606))
    cuffs(sheet, main, "rib", 643, 660, 68, 36)
    shape = outline(
        "400,178 450,168 482,156! 562,182! 552,250 546,330 546,480 550,600 546,690! 470,698 400,698",
        mirrored=True,
    )
    folds = [
        drape(2.6, 8, 360, 690, 1, 0.8),
        crease("540,380 500,440 440,470", 6, 13),
        crease("262,400 310,450 360,470", 6, 13),
    ]
    sheet.layer(
        shape,
        main,
        "fine",
        lift=7,
        puff=13,
        soft=44,
        folds=folds,
        crumple=5,
        pattern=stripes(navy, 34, 13, low=232, high=664),
    )
    band = outline("400,166 450,158 486,146! 490,160! 450,174 400,182", mirrored=True)
    sheet.layer(band, main, "rib", lift=18, puff=4, soft=6, crumple=0)
    for x, y in ((492, 160), (516, 166), (540, 173)):
        sheet.button(x, y, 6, navy)
    back = back_neck("#d6cbb0", "fine", 70, 146, 20)
    return [back.part(gap=4), *hanger(), sheet.part(0.95, 0.2)]


def brume_cable(colour: str | None) -> list[Part]:
    """Thick cable jumper."""
    main, dark = CABLE[colour or "cream"]
    sheet = Sheet(seed=111)
    long_sleeves(sheet, main, "cable", (664, 640), 86, 10)
    cuffs(sheet, main, "rib", 672, 664, 78, 44)
    _body(sheet, main, "cable", 690, 200)
    _hem(sheet, main, 704, 56, 546)
    collar = outline("400,214 436,206 474,168! 470,136 452,120! 430,128 400,132", mirrored=True)
    sheet.layer(collar, main, "rib", lift=16, puff=12, soft=16, crumple=1)
    back = back_neck(dark, "rib", 56, 122, 20)
    return [back.part(gap=4), *hanger(), sheet.part(0.98, 0.3)]


def nuit_rollneck(colour: str | None) -> list[Part]:
    """Fine rollneck."""
    main, _dark = ROLL[colour or "black"]
    sheet = Sheet(seed=121)
    long_sleeves(sheet, main, "fine", (628, 664), 58, -8)
    cuffs(sheet, main, "rib", 620, 684, 54, 40)
    shape = outline(
        "400,170 440,164 462,152! 556,184! 542,260 530,340 524,470 532,600 532,690! 470,698 400,698",
        mirrored=True,
    )
    folds = [
        drape(3, 8, 360, 690, 1, 0.9),
        crease("530,360 490,420 430,440", 6, 12),
        crease("270,380 320,430 370,446", 6, 12),
        crease("520,480 470,500 430,490", 5, 10),
    ]
    sheet.layer(shape, main, "fine", lift=7, puff=12, soft=40, folds=folds, crumple=5)
    _hem(sheet, main, 708, 34, 533)
    roll = outline("400,186 446,178 470,158! 466,120 460,96! 430,90 400,88", mirrored=True)
    sheet.layer(
        roll,
        main,
        "rib",
        lift=16,
        puff=14,
        soft=22,
        folds=[crease("340,150 400,160 462,148", 4, 8)],
        crumple=1,
    )
    turned = outline("400,146 440,142 472,132! 468,96 458,86! 430,82 400,81", mirrored=True)
    sheet.layer(turned, main, "rib", lift=22, puff=10, soft=14, crumple=1)
    return [*hanger(), sheet.part(0.95, 0.2)]


def violette_cardigan(_: str | None) -> list[Part]:
    """Short mohair cardigan with round neck and pearl buttons."""
    main, dark = "#a692b8", "#8a769c"
    sheet = Sheet(seed=131)
    long_sleeves(sheet, main, "knit", (648, 622), 80, 4)
    cuffs(sheet, main, "rib", 650, 644, 70, 40)
    side = "566,182! 552,250 548,330 552,470 546,620!"
    left = f"346,150! {flipped(side)} 330,632 406,632! 406,420 404,256! 372,236"
    right = f"454,150! {side} 470,632 394,632! 394,420 396,256! 428,236"
    for part in (left, right):
        sheet.layer(
            part, main, "knit", lift=8, puff=15, soft=40, folds=[drape(2.4, 8, 340, 620, 1, 0.8)], crumple=5
        )
    _hem(sheet, main, 640, 46, 549)
    for points in ("378,268! 404,262! 412,650! 382,650!", "390,262! 416,262! 416,650! 390,650!"):
        sheet.layer(points, main, "rib", lift=18, puff=5, soft=8, crumple=0)
    neck = "402,270! 436,246 470,152! 450,144! 420,226 400,248!"
    both(sheet, neck, main, "rib", lift=24, puff=6, soft=8, crumple=0)
    for y in (286, 352, 418, 484, 550, 616):
        sheet.button(403, y, 8.5, "#efe9e0")
    back = back_neck(dark, "knit", 60, 140, 130)
    return [back.part(gap=4), *hanger(), sheet.part(0.98, 0.5)]
