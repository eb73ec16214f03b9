# pyright: basic, reportMissingImports=false
"""Coats and jackets."""

from __future__ import annotations

from cloth import Sheet, flipped, outline
from folds import drape
from hangers import back_neck, both, crease2, hanger, long_sleeves
from solids import Part

TRENCH = {
    "sand": {
        "main": "#b3976a",
        "dark": "#a88c5f",
        "inner": "#5f4f38",
        "seam": "#7b6340",
        "button": "#3f2c1e",
        "buckle": "#3f2c1e",
    },
    "navy": {
        "main": "#232c40",
        "dark": "#1e2637",
        "inner": "#4a3f38",
        "seam": "#3c465c",
        "button": "#14110f",
        "buckle": "#5a3a22",
    },
}
OVERCOAT = {
    "charcoal": {
        "main": "#37383b",
        "dark": "#313235",
        "inner": "#6b2c2a",
        "seam": "#2a2b2c",
        "button": "#1c1b1a",
    },
    "camel": {
        "main": "#a87443",
        "dark": "#9c6a3b",
        "inner": "#5a3b22",
        "seam": "#7c522a",
        "button": "#3a2517",
    },
}


def coat_body(
    sheet: Sheet, c: dict, cloth: str, hem: float, flare: float, waist: float = 150, folds: list | None = None
) -> None:
    """Both fronts, the right over the left."""
    side = (
        f"566,182! 552,250 546,330 {400 + waist},470 {400 + waist + flare * 0.5},{(470 + hem) / 2}"
        f" {400 + waist + flare},{hem}!"
    )
    left = f"352,150! {flipped(side)} 400,{hem + 6} 452,{hem + 4}! 446,600 440,400 420,320!"
    right = f"448,150! {side} 400,{hem + 10} 362,{hem + 8}! 358,600 356,400 376,330!"
    extra = folds or []
    sheet.layer(
        left,
        c["main"],
        cloth,
        lift=6,
        puff=12,
        soft=40,
        folds=[drape(2.2, 11, 420, hem, 1, 0.35), *extra],
        crumple=3,
    )
    sheet.layer(
        right,
        c["main"],
        cloth,
        lift=11,
        puff=11,
        soft=40,
        folds=[drape(2.2, 11, 420, hem, 1, 0.35), *extra],
        crumple=3,
    )


def _camille_trench_details(sheet: Sheet, c: dict) -> None:
    """Later layers of camille trench."""
    both(
        sheet,
        "586,602! 656,596! 656,616! 586,622!",
        c["main"],
        "twill",
        lift=3,
        puff=3,
        soft=6,
        attached=True,
        crumple=0,
    )
    right, left = crease2("500,420 470,440 440,452", 6, 10)
    coat_body(sheet, c, "twill", 912, 48, 140, [right, left])
    both(
        sheet,
        "470,158 566,184! 552,250 540,318! 500,300 452,322!",
        c["main"],
        "twill",
        lift=4,
        puff=4,
        soft=10,
        attached=True,
        crumple=1,
    )
    both(
        sheet,
        "430,136! 452,150 500,252! 468,268! 474,296! 420,352! 402,330! 420,240!",
        c["main"],
        "twill",
        lift=28,
        puff=6,
        soft=12,
        crumple=1,
    )


def _camille_trench_details_2(sheet: Sheet, c: dict) -> None:
    """Later layers of camille trench."""
    long_sleeves(sheet, c["main"], "twill", (650, 640), 70)
    _camille_trench_details(sheet, c)
    both(
        sheet,
        "424,128! 456,132 482,160 514,214! 474,236! 436,196 418,160!",
        c["dark"],
        "twill",
        lift=38,
        puff=6,
        soft=10,
        crumple=1,
    )
    sheet.groove("374,340 366,500 364,700 366,912", 2, 1.5, c["seam"])
    for y in (385, 545, 620):
        for x in (386, 470):
            sheet.button(x, y, 9.5, c["button"])
    both(
        sheet,
        "488,560! 548,540! 552,558! 494,580!",
        c["main"],
        "twill",
        lift=4,
        puff=3,
        soft=5,
        attached=True,
        crumple=0,
    )
    _belt(sheet, c, 462)


def camille_trench(colour: str | None) -> list[Part]:
    """Double-breasted trench coat with belt and storm flap."""
    c = TRENCH[colour or "sand"]
    sheet = Sheet(seed=11)
    _camille_trench_details_2(sheet, c)
    both(
        sheet,
        "520,180! 566,186! 560,200! 518,196!",
        c["main"],
        "twill",
        lift=6,
        puff=3,
        soft=5,
        attached=True,
        crumple=0,
    )
    back = back_neck(c["inner"], "plain", 58, 134, 150)
    return [back.part(gap=4), *hanger(), sheet.part(0.85)]


def _belt(sheet: Sheet, c: dict, y: float) -> None:
    belt = outline(
        f"400,{y - 15} 470,{y - 15} 541,{y - 13}! 542,{y + 17}! 470,{y + 15} 400,{y + 16}", mirrored=True
    )
    sheet.layer(belt, c["main"], "twill", lift=8, puff=5, soft=8, crumple=1, attached=True)
    for dy in (-9, 10):
        sheet.stitch(f"262,{y + dy + 2} 400,{y + dy} 538,{y + dy + 2}", c["seam"], 5, 0.9)
    sheet.layer(
        f"414,{y + 8}! 438,{y + 6}! 446,{y + 150}! 418,{y + 156}!",
        c["main"],
        "twill",
        lift=30,
        puff=5,
        soft=8,
        crumple=1,
    )
    sheet.layer(
        f"386,{y - 22}! 432,{y - 22}! 432,{y + 23}! 386,{y + 23}!",
        c["buckle"],
        "leather",
        lift=10,
        puff=4,
        soft=5,
        crumple=0,
        attached=True,
    )
    sheet.layer(
        f"394,{y - 14}! 424,{y - 14}! 424,{y + 15}! 394,{y + 15}!",
        c["main"],
        "twill",
        lift=-3,
        puff=2,
        soft=4,
        crumple=0,
        attached=True,
    )


def _lucien_overcoat_details(sheet: Sheet, c: dict) -> None:
    """Later layers of lucien overcoat."""
    for y in (430, 510, 590):
        sheet.button(384, y, 11, c["button"])
    both(
        sheet,
        "478,600! 548,596! 550,628! 480,634!",
        c["main"],
        "wool",
        lift=5,
        puff=3,
        soft=5,
        attached=True,
        crumple=0,
    )
    sheet.layer(
        "452,330! 506,318! 508,332! 454,345!",
        c["main"],
        "wool",
        lift=4,
        puff=2,
        soft=4,
        attached=True,
        crumple=0,
    )
    for y in (596, 612, 628):
        sheet.button(632, y, 5, c["button"])
        sheet.button(168, y, 5, c["button"])


def lucien_overcoat(colour: str | None) -> list[Part]:
    """Straight single-breasted wool overcoat."""
    c = OVERCOAT[colour or "charcoal"]
    sheet = Sheet(seed=23)
    long_sleeves(sheet, c["main"], "wool", (640, 646), 72)
    coat_body(sheet, c, "wool", 920, 26, 146)
    both(
        sheet,
        "430,136! 454,150 492,226! 470,250! 478,276! 408,420! 398,400! 416,260!",
        c["main"],
        "wool",
        lift=24,
        puff=6,
        soft=12,
        crumple=1,
    )
    both(
        sheet,
        "422,128! 456,132 484,166 500,220! 462,244! 436,200 416,166!",
        c["dark"],
        "wool",
        lift=34,
        puff=6,
        soft=10,
        crumple=1,
    )
    _lucien_overcoat_details(sheet, c)
    back = back_neck(c["inner"], "plain", 58, 136, 270)
    return [back.part(gap=4), *hanger(), sheet.part(0.95, 0.3)]


def _anatole_caban_details(sheet: Sheet, c: dict) -> None:
    """Later layers of anatole caban."""
    both(
        sheet,
        "428,130! 462,146 530,250! 480,262! 474,290! 424,370! 398,340! 416,230!",
        c["main"],
        "wool",
        lift=26,
        puff=7,
        soft=14,
        crumple=1,
    )
    both(
        sheet,
        "424,122! 462,126 500,160 546,232! 486,262! 440,204 416,160!",
        c["dark"],
        "wool",
        lift=36,
        puff=7,
        soft=12,
        crumple=1,
    )
    for y in (400, 480, 560, 640):
        for x in (368, 476):
            sheet.button(x, y, 12, c["button"])
    both(
        sheet,
        "498,520! 520,512! 548,600! 524,610!",
        c["main"],
        "wool",
        lift=4,
        puff=3,
        soft=6,
        attached=True,
        crumple=0,
    )


def anatole_caban(colour: str | None) -> list[Part]:
    """Short pea coat with a wide collar."""
    c = {"main": "#1d2436", "dark": "#192031", "inner": "#7a2f2a", "seam": "#10141f", "button": "#2b241c"}
    sheet = Sheet(seed=31)
    long_sleeves(sheet, c["main"], "wool", (652, 640), 76, 6)
    coat_body(sheet, c, "wool", 720, 20, 150)
    _anatole_caban_details(sheet, c)
    sheet.groove("354,380 348,540 350,728", 2.5, 2, c["seam"])
    back = back_neck(c["inner"], "twill", 60, 130, 230)
    return [back.part(gap=4), *hanger(), sheet.part(0.95, 0.3)]
