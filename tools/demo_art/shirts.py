# pyright: basic, reportMissingImports=false
"""Shirts, a blouse, a T-shirt."""

from __future__ import annotations

import numpy as np
from cloth import S, Sheet, flipped, outline
from folds import crease, drape, gather
from hangers import back_neck, both, cuffs, hanger, long_sleeves, placket, shirt_collar
from motifs import hall
from solids import Part
from svg import group, page, rasterise, t
from weave import Pattern, check

OXFORD = {"white": ("#e6e7e6", "#cdd0d2", "#f8f6f0"), "sky": ("#9db8d6", "#86a2c2", "#f4f2ec")}
TEE = {"tomato": ("#a92f1f", "#f3ead6"), "white": ("#e8e6df", "#12442f")}


def _shirt_body(
    sheet: Sheet, colour: str, cloth: str, pattern: Pattern | None = None, hem: float = 730
) -> None:
    shape = outline(
        f"400,190 448,148! 566,182! 552,256 546,340 544,500 552,{hem - 40}! 530,{hem - 4} 470,{hem + 26}"
        f" 400,{hem + 30}",
        mirrored=True,
    )
    folds = [
        drape(3.2, 10, 380, hem, 1, 0.8),
        crease("540,370 500,440 440,480", 6, 12),
        crease("262,390 312,450 366,470", 6, 12),
    ]
    folds += [crease("470,230 478,330 500,420", 5, 16), crease("330,230 322,330 300,420", 5, 16)]
    sheet.layer(shape, colour, cloth, lift=6, puff=12, soft=40, folds=folds, crumple=5, pattern=pattern)


def paul_oxford(colour: str | None) -> list[Part]:
    """Button-down oxford shirt."""
    main, dark, button = OXFORD[colour or "white"]
    sheet = Sheet(seed=141)
    long_sleeves(sheet, main, "oxford", (646, 630), 70)
    cuffs(sheet, main, "oxford", 648, 656, 66, 44)
    _shirt_body(sheet, main, "oxford")
    placket(sheet, main, "oxford", 196, 758, 400, 15)
    sheet.layer(
        "456,300! 528,297! 528,372! 492,388! 457,375!",
        main,
        "oxford",
        lift=4,
        puff=2,
        soft=4,
        crumple=0,
        attached=True,
    )
    for y in (236, 310, 384, 458, 532, 606, 680):
        sheet.button(400, y, 6.2, button)
    shirt_collar(sheet, main, "oxford")
    for x in (336, 464):
        sheet.button(x, 218, 4, button, 2)
    for side in (1, -1):
        flip = (lambda p: p) if side == 1 else flipped
        sheet.groove(flip("560,196 546,256 540,330"), 1.6, 1.6, dark)
    back = back_neck(dark, "oxford", 54, 140, 60)
    return [back.part(gap=4), *hanger(), sheet.part(0.9)]


def gabriel_check(_: str | None) -> list[Part]:
    """Flannel overshirt in a large check."""
    main, pattern = "#9a2f28", check(("#20242e", "#d9c9a4"), 78, 36, 5)
    sheet = Sheet(seed=151)
    long_sleeves(sheet, main, "wool", (652, 636), 76, 4, check(("#20242e", "#d9c9a4"), 78, 36, 5, -6))
    cuffs(sheet, main, "wool", 658, 660, 74, 44, pattern=pattern)
    _shirt_body(sheet, main, "wool", pattern, 716)
    placket(sheet, main, "wool", 198, 745, 400, 17, pattern)
    for flip in (lambda p: p, flipped):
        sheet.layer(
            flip("446,306! 534,302! 534,400! 448,404!"),
            main,
            "wool",
            lift=4,
            puff=2,
            soft=4,
            crumple=0,
            attached=True,
            pattern=check(("#20242e", "#d9c9a4"), 78, 36, 5, 45),
        )
        sheet.layer(
            flip("444,300! 536,296! 536,320! 490,338! 444,324!"),
            main,
            "wool",
            lift=7,
            puff=2.5,
            soft=4,
            crumple=0,
            attached=True,
            pattern=pattern,
        )
    for x in (310, 490):
        sheet.button(x, 322, 6, "#2b2520")
    for y in (240, 322, 404, 486, 568, 650, 726):
        sheet.button(400, y, 7, "#2b2520")
    shirt_collar(sheet, main, "wool", check(("#20242e", "#d9c9a4"), 78, 36, 5, 40))
    back = back_neck("#5c2522", "wool", 54, 140, 60)
    return [back.part(gap=4), *hanger(), sheet.part(0.97, 0.2)]


def _agathe_blouse_details(sheet: Sheet, main: str) -> None:
    """Later layers of agathe blouse."""
    band = outline("400,192 438,186 462,160! 452,134! 430,142 400,146", mirrored=True)
    sheet.layer(band, main, "plain", lift=17, puff=7, soft=10, crumple=0.5)
    for tail in (
        "392,196! 412,192! 420,290 440,400 452,452! 406,466! 396,360",
        "408,196! 388,192! 374,280 346,380 330,430! 376,450! 398,350",
    ):
        sheet.layer(
            tail,
            main,
            "plain",
            lift=18,
            puff=9,
            soft=14,
            folds=[crease("404,210 410,300 420,440", 5, 8)],
            crumple=2,
        )
    for loop in (
        "398,196! 430,160 480,150 506,176 496,222 450,232 404,208!",
        "402,196! 370,162 320,154 294,182 306,226 352,232 398,208!",
    ):
        x = 452 if "506" in loop else 348
        sheet.layer(
            loop,
            main,
            "plain",
            lift=22,
            puff=14,
            soft=20,
            folds=[
                crease(f"400,198 {x},184 {x + (x - 400) * 0.7},186", -6, 8),
                crease(f"402,206 {x},212 {x + (x - 400) * 0.6},214", 5, 7),
            ],
            crumple=2,
        )


def _agathe_blouse_details_2(sheet: Sheet, main: str) -> None:
    """Later layers of agathe blouse."""
    sleeve = "530,176 560,184 606,240 646,380 672,520 664,592! 588,604! 566,500 556,380 540,300 510,240"
    both(
        sheet,
        sleeve,
        main,
        "plain",
        lift=2,
        puff=20,
        soft=40,
        folds=[gather(178, 70, 5, 5), drape(3, 9, 330, 560, 1, 0.8)],
        crumple=5,
    )
    cuffs(sheet, main, "plain", 654, 618, 54, 30)
    body = outline(
        "400,176 430,172 456,150! 560,180! 548,256 542,340 540,500 552,700! 470,716 400,716", mirrored=True
    )
    folds = [
        drape(4.5, 12, 300, 680, 1, 0.9),
        crease("540,370 490,430 450,520", 6, 13),
        crease("262,380 316,440 350,530", 6, 13),
    ]
    sheet.layer(body, main, "plain", lift=7, puff=12, soft=40, folds=folds, crumple=6)
    placket(sheet, main, "plain", 240, 714, 400, 12)
    for y in (330, 400, 470, 540, 610, 680):
        sheet.button(400, y, 5, "#ead3ca", 0)
    _agathe_blouse_details(sheet, main)


def agathe_blouse(_: str | None) -> list[Part]:
    """Silk blouse with a bow and full sleeves."""
    main, dark = "#d9aaa0", "#bd8c82"
    sheet = Sheet(seed=161)
    _agathe_blouse_details_2(sheet, main)
    sheet.layer(
        "384,182! 416,180! 420,216! 382,218!",
        main,
        "plain",
        lift=28,
        puff=10,
        soft=12,
        folds=[crease("392,184 396,200 392,216", -3, 4), crease("408,184 405,200 409,216", -3, 4)],
        crumple=0,
    )
    back = back_neck(dark, "plain", 52, 138, 20)
    return [back.part(gap=4), *hanger(), sheet.part(0.5, 0.3)]


def halle_tee(colour: str | None) -> list[Part]:
    """Heavy T-shirt with the iron hall printed on the chest."""
    main, ink = TEE[colour or "tomato"]
    sheet = Sheet(seed=171)
    sleeve = "530,172 560,182 606,226 646,330 652,346! 576,388! 556,340 536,280 508,230"
    both(
        sheet,
        sleeve,
        main,
        "fine",
        lift=2,
        puff=12,
        soft=30,
        folds=[crease("560,230 600,280 612,350", 5, 12)],
        mirror=[crease("240,230 200,280 188,350", 5, 12)],
        crumple=4,
    )
    for flip in (lambda p: p, flipped):
        sheet.stitch(flip("572,378 612,358 646,336"), ink, 4, 0.7)
    shape = outline(
        "400,208 430,198 456,150! 564,182! 550,256 546,340 546,520 552,720! 470,730 400,730", mirrored=True
    )
    folds = [
        drape(3, 10, 360, 720, 1, 0.9),
        crease("536,350 500,420 450,460", 7, 13),
        crease("264,360 306,430 352,466", 7, 13),
        crease("540,520 480,560 430,560", 5, 12),
    ]
    sheet.layer(shape, main, "fine", lift=7, puff=12, soft=42, folds=folds, crumple=6)
    _print(sheet, ink)
    band = outline("400,228 444,214 476,152! 456,142! 428,194 400,206", mirrored=True)
    sheet.layer(band, main, "rib", lift=17, puff=4, soft=6, crumple=0)
    back = back_neck(main, "fine", 58, 140, 90)
    return [back.part(gap=4), *hanger(), sheet.part(0.95, 0.1)]


def _print(sheet: Sheet, ink: str) -> None:
    """Screen print: the hall and its name."""
    art = group(hall(ink, 4.5), 400, 350, 1.25) + t(
        400, 452, "HALLES", 40, "Josefin", ink, letter_spacing="12"
    )
    art += t(400, 484, "Paris, tous les jours", 25, "Caveat", ink)
    box = f'<g transform="scale({S})">{art}</g>'
    image = (
        np.asarray(
            rasterise(sheet.shape[1], sheet.shape[0], page(sheet.shape[1], sheet.shape[0], box), clear=True),
            float,
        )
        / 255
    )
    cover = image[..., 3:] * 0.92
    sheet.colour = sheet.colour * (1 - cover) + image[..., :3] * cover
