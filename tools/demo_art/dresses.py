# pyright: basic, reportMissingImports=false
"""Dresses."""

from __future__ import annotations

from cloth import Sheet, outline
from folds import crease, drape, gather
from hangers import back_neck, both, crease2, cuffs, hanger, long_sleeves, placket, px, shirt_collar
from solids import Part, tube
from studio import matte
from weave import Pattern, sprigs, stripes

WRAP = {"terracotta": ("#a9502f", "#8c3f24"), "bottle": ("#1f4d3a", "#173a2c")}
SLIP = {"plum": ("#5a2540", "#47192f"), "champagne": ("#c6b395", "#b09a78")}


def _ines_wrap_dress_details(sheet: Sheet, main: str) -> None:
    """Later layers of ines wrap dress."""
    sleeve = "540,178 566,190 606,250 630,340 640,410! 570,430! 552,380 540,320 516,240"
    right, left = crease2("612,300 590,330 566,340", 6, 10)
    both(sheet, sleeve, main, "plain", lift=2, puff=12, soft=30, folds=[right], mirror=[left], crumple=4)
    skirt = outline("400,452 470,450 524,456! 560,600 596,760 616,904! 520,924 400,930", mirrored=True)
    sheet.layer(
        skirt,
        main,
        "plain",
        lift=4,
        puff=10,
        soft=50,
        folds=[drape(5.5, 15, 452, 860, 0.9, 0.5), gather(450, 130, 9, 5)],
        crumple=3,
    )
    under = "352,148! 234,182! 250,260 258,330 268,400 276,466! 400,470 470,468! 440,330 384,200!"
    sheet.layer(
        under,
        main,
        "plain",
        lift=6,
        puff=10,
        soft=34,
        folds=[crease("300,420 340,360 360,300", 5, 10), crease("290,450 350,420 400,380", 5, 9)],
        crumple=3,
    )
    over = "448,148! 566,182! 550,260 542,330 532,400 524,466! 400,472 300,466! 290,452! 360,360 424,210!"
    folds = [
        crease("320,450 400,390 470,330", 7, 11),
        crease("310,460 420,430 510,380", 7, 10),
        crease("350,462 440,452 520,430", 5, 8),
    ]
    sheet.layer(over, main, "plain", lift=12, puff=9, soft=34, folds=folds, crumple=3)


def ines_wrap_dress(colour: str | None) -> list[Part]:
    """Wrap dress, tied at the left side, elbow sleeves."""
    main, dark = WRAP[colour or "terracotta"]
    sheet = Sheet(seed=61)
    _ines_wrap_dress_details(sheet, main)
    sheet.layer(
        "440,150! 454,152! 428,216 366,364 296,462! 286,452! 354,352 414,214!",
        dark,
        "plain",
        lift=22,
        puff=4,
        soft=6,
        crumple=0,
    )
    flap = "300,470! 330,468! 420,640 470,800 486,924! 420,932! 396,800 350,640!"
    sheet.layer(flap, main, "plain", lift=20, puff=8, soft=20, folds=[drape(1.5, 8, 480, 860)], crumple=2)
    belt = outline("400,448 460,446 526,446! 527,474! 460,478 400,478", mirrored=True)
    sheet.layer(belt, dark, "plain", lift=8, puff=5, soft=8, crumple=1, attached=True)
    for loop in ("286,462! 250,430 226,440 236,470 280,474!", "286,462! 256,486 240,520 262,530 294,478!"):
        sheet.layer(loop, dark, "plain", lift=26, puff=6, soft=8, crumple=1)
    sheet.layer(
        "276,470! 292,472! 270,560 262,640! 240,634! 256,550!",
        dark,
        "plain",
        lift=24,
        puff=5,
        soft=8,
        crumple=1,
    )
    sheet.layer(
        "288,470! 302,472! 300,560 308,610! 284,616! 284,550!",
        dark,
        "plain",
        lift=27,
        puff=5,
        soft=8,
        crumple=1,
    )
    back = back_neck(dark, "plain", 56, 140, 160)
    return [back.part(gap=4), *hanger(), sheet.part(0.75, 0.2)]


def _juliette_shirt_dress_details(sheet: Sheet, line: Pattern, main: str) -> None:
    """Later layers of juliette shirt dress."""
    long_sleeves(sheet, main, "plain", (648, 600), 68, 0, line)
    cuffs(sheet, main, "plain", 650, 622, 66, 40, pattern=stripes("#4a6fa5", 9, 3.4))
    body = outline(
        "400,190 448,150! 566,182! 550,260 546,340 540,500 560,700 566,830! 530,878 470,900 400,904",
        mirrored=True,
    )
    folds = [
        drape(4, 11, 380, 860, 1, 0.6),
        crease("470,360 500,470 500,600", 5, 12),
        crease("330,360 300,470 300,600", 5, 12),
    ]
    sheet.layer(body, main, "plain", lift=6, puff=12, soft=40, folds=folds, crumple=4, pattern=line)
    belt = outline("400,486 460,484 543,482! 545,508! 460,512 400,512", mirrored=True)
    placket(sheet, main, "plain", 198, 902, 400, 16, line)
    sheet.layer(
        belt,
        main,
        "plain",
        lift=7,
        puff=4,
        soft=8,
        crumple=1,
        attached=True,
        pattern=stripes("#4a6fa5", 9, 3.4),
    )
    sheet.layer(
        "388,500! 366,560 352,650! 376,656! 392,570 404,508!",
        main,
        "plain",
        lift=24,
        puff=4,
        soft=7,
        pattern=line,
    )


def juliette_shirt_dress(colour: str | None) -> list[Part]:
    """Shirt dress with a fine blue stripe."""
    main, line = "#e4e6e6", stripes("#4a6fa5", 9, 3.4, across=False)
    sheet = Sheet(seed=71)
    _juliette_shirt_dress_details(sheet, line, main)
    sheet.layer(
        "402,500! 420,560 426,630! 448,624! 438,560 416,500!",
        main,
        "plain",
        lift=25,
        puff=4,
        soft=7,
        pattern=line,
    )
    sheet.layer(
        "380,484! 422,482! 424,514! 382,516!",
        main,
        "plain",
        lift=30,
        puff=6,
        soft=9,
        pattern=stripes("#4a6fa5", 9, 3.4),
    )
    for y in (240, 300, 360, 420, 580, 650, 720, 790, 860):
        sheet.button(400, y, 6, "#f7f5ee")
    sheet.layer(
        "452,300! 522,298! 520,374! 486,388! 454,376!",
        main,
        "plain",
        lift=3,
        puff=2,
        soft=5,
        crumple=0,
        attached=True,
        pattern=line,
    )
    shirt_collar(sheet, main, "plain", line)
    back = back_neck("#c9ced4", "plain", 54, 140, 60)
    return [back.part(gap=4), *hanger(), sheet.part(0.85)]


def odette_slip(colour: str | None) -> list[Part]:
    """Bias-cut satin slip dress on thin straps."""
    main, dark = SLIP[colour or "plum"]
    sheet = Sheet(seed=83)
    back_shape = outline("400,318 440,306 490,300! 500,340! 400,380", mirrored=True)
    inner = Sheet(seed=84, depth=3)
    inner.layer(back_shape, dark, "plain", lift=1, puff=3, soft=10, crumple=1)
    body = outline(
        "400,372 430,352 466,262! 500,312 518,372 510,450 520,520 556,640 590,780 602,900! 520,926 400,934",
        mirrored=True,
    )
    folds = [
        drape(4.5, 15, 470, 900, 0.9, 0.9),
        crease("452,350 440,430 450,520", 7, 14),
        crease("348,350 362,430 350,520", 7, 14),
    ]
    folds += [
        crease("360,372 400,408 440,372", 8, 12, 0.3),
        crease("372,400 400,436 428,398", 6, 10, 0.3),
        crease("500,470 460,500 420,520", 6, 11),
    ]
    folds += [
        crease("300,480 340,500 380,512", 6, 11),
        crease("520,560 470,620 440,720", 7, 16),
        crease("290,570 330,640 350,740", 7, 16),
    ]
    sheet.layer(body, main, "plain", lift=6, puff=13, soft=44, folds=folds, crumple=3)
    strap = matte(dark, 0.4, 0.4)
    straps = []
    for s in (-1, 1):
        front = (
            f"{400 + 66 * s},266,30 {400 + 74 * s},220,33 {400 + 72 * s},172,28 {400 + 78 * s},200,8"
            f" {400 + 84 * s},304,6"
        )
        straps.append(tube(px(front), 0.0032, strap))
    return [inner.part(0.35, gap=4), *hanger(), *straps, sheet.part(0.46, 0.2)]


def _flore_dress_details(sheet: Sheet, main: str, print_: Pattern) -> None:
    """Later layers of flore dress."""
    both(
        sheet,
        "570,336! 622,330! 624,352! 572,360!",
        main,
        "plain",
        lift=4,
        puff=6,
        soft=9,
        crumple=0,
        pattern=print_,
        attached=True,
    )
    skirt = outline("400,436 460,434 512,438! 556,540 604,700 632,868! 520,890 400,896", mirrored=True)
    sheet.layer(
        skirt,
        main,
        "plain",
        lift=4,
        puff=10,
        soft=50,
        folds=[drape(8, 14, 440, 820, 0.85, 0.6), gather(436, 110, 14, 7)],
        crumple=3,
        pattern=print_,
    )
    body = outline(
        "400,236 424,226 446,150! 554,178! 536,260 536,330 514,440! 460,446 400,446", mirrored=True
    )
    right, left = crease2("500,440 486,380 496,320", 5, 9)
    sheet.layer(body, main, "plain", lift=9, puff=11, soft=36, folds=[right, left], crumple=3, pattern=print_)
    sheet.groove("288,440 400,446 512,440", 3, 2.4, "#a89a78")
    sheet.groove("380,150 378,226 400,236 422,226 420,150", 1.5, 2, "#a89a78")
    for y in (268, 304, 340, 376, 412):
        sheet.button(400, y, 5.5, "#b5483e", 2)


def flore_dress(colour: str | None) -> list[Part]:
    """Tea dress with puffed sleeves and small flowers."""
    main, print_ = "#efe6d0", sprigs("#6a8a5c", "#b8453c", 44)
    sheet = Sheet(seed=97)
    sleeve = "520,176 552,170 606,196 638,250 640,318 618,346! 572,352! 548,330 530,260"
    both(
        sheet,
        sleeve,
        main,
        "plain",
        lift=2,
        puff=24,
        soft=44,
        folds=[gather(178, 60, 6, 5)],
        crumple=4,
        pattern=print_,
    )
    _flore_dress_details(sheet, main, print_)
    back = back_neck("#d8ccb0", "plain", 54, 142, 100)
    return [back.part(gap=4), *hanger(), sheet.part(0.9, 0.1)]
