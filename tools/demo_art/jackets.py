# pyright: basic, reportMissingImports=false
"""Jackets."""

from __future__ import annotations

from cloth import Sheet, flipped, outline
from coats import coat_body
from folds import crease
from hangers import back_neck, both, cuffs, hanger, long_sleeves, placket, shirt_collar
from solids import Part


def _basile_quilt_details(sheet: Sheet, c: dict) -> None:
    """Later layers of basile quilt."""
    long_sleeves(sheet, c["main"], "quilt", (650, 650), 78, 6)
    cuffs(sheet, c["dark"], "cord", 657, 656, 82, 22)
    coat_body(sheet, c, "quilt", 740, 24, 156)
    both(
        sheet,
        "402,196! 420,156 446,132! 470,146 492,190 478,242! 440,214!",
        c["dark"],
        "cord",
        lift=28,
        puff=6,
        soft=10,
        crumple=0.5,
        angle=40,
    )
    placket(sheet, c["dark"], "cord", 214, 742, 384, 15)
    for y in (250, 350, 450, 550, 650):
        sheet.button(384, y, 9, c["button"], 0)
    both(
        sheet,
        "456,560! 546,556! 552,680! 460,684!",
        c["main"],
        "quilt",
        lift=5,
        puff=3,
        soft=6,
        attached=True,
        crumple=0,
    )


def basile_quilt(colour: str | None) -> list[Part]:
    """Diamond-quilted jacket with a corduroy collar."""
    c = {"main": "#555a36", "dark": "#5a3d26", "inner": "#7b5b34", "seam": "#33361f", "button": "#b9a77a"}
    sheet = Sheet(seed=41)
    _basile_quilt_details(sheet, c)
    both(
        sheet,
        "454,554! 548,550! 549,566! 455,570!",
        c["dark"],
        "cord",
        lift=7,
        puff=3,
        soft=5,
        attached=True,
        crumple=0,
    )
    back = back_neck(c["inner"], "plain", 58, 138, 90)
    return [back.part(gap=4), *hanger(), sheet.part(0.55)]


def _sacha_denim_details(sheet: Sheet, c: dict) -> None:
    """Later layers of sacha denim."""
    long_sleeves(sheet, c["main"], "denim", (650, 640), 76, 8)
    cuffs(sheet, c["main"], "denim", 659, 662, 78, 36)
    side = "566,182! 552,250 548,330 548,470 542,640! "
    for half in (
        f"352,150! {flipped(side)} 400,650 410,650! 410,400 408,210!",
        f"448,150! {side} 400,650 388,650! 388,400 392,210!",
    ):
        sheet.layer(
            half,
            c["main"],
            "denim",
            lift=7,
            puff=11,
            soft=36,
            folds=[crease("440,600 480,560 540,570", 6, 9), crease("360,600 320,560 260,570", 6, 9)],
            crumple=4,
        )
    band = outline("400,634 470,634 546,628! 548,674! 470,680 400,680", mirrored=True)
    sheet.layer(band, c["main"], "denim", lift=5, puff=5, soft=8, crumple=1, attached=True)
    both(
        sheet,
        "430,300! 530,296! 530,310! 482,346! 430,314!",
        c["main"],
        "denim",
        lift=5,
        puff=3,
        soft=5,
        attached=True,
        crumple=0,
    )


def sacha_denim(colour: str | None) -> list[Part]:
    """Boxy denim jacket with two flapped chest pockets."""
    c = {"main": "#2a3f5e", "inner": "#37496a", "thread": "#c98d4a", "button": "#b5763c"}
    sheet = Sheet(seed=53)
    _sacha_denim_details(sheet, c)
    for side_sign in (1, -1):
        flip = (lambda p: p) if side_sign == 1 else flipped
        sheet.stitch(flip("436,306 482,338 526,304"), c["thread"], 5, 1.1)
        sheet.stitch(flip("440,320 452,480 446,632"), c["thread"], 5, 1.1)
        sheet.stitch(flip("522,316 510,480 516,630"), c["thread"], 5, 1.1)
        sheet.stitch(flip("416,286 480,288 550,280"), c["thread"], 5, 1.1)
        sheet.stitch(flip("540,196 540,260 536,320"), c["thread"], 5, 1.1)
        sheet.button(400 + side_sign * 82, 328, 6.5, c["button"], 0)
    sheet.stitch("262,642 400,644 538,642", c["thread"], 5, 1.1)
    placket(sheet, c["main"], "denim", 212, 676, 398, 16)
    sheet.stitch("386,216 386,440 386,672", c["thread"], 5, 1.1)
    sheet.stitch("410,216 410,440 410,672", c["thread"], 5, 1.1)
    for y in (236, 318, 400, 482, 564, 654):
        sheet.button(398, y, 8, c["button"], 0)
    shirt_collar(sheet, c["main"], "denim")
    back = back_neck(c["inner"], "denim", 56, 138, 70)
    return [back.part(gap=4), *hanger(), sheet.part(0.9)]
