# pyright: basic, reportMissingImports=false
"""Bags, shoes, a scarf and a beret."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from cloth import S, Sheet, outline
from folds import crease, drape
from hangers import px
from materials import timber
from motifs import hall
from solids import Array, Part, rounded_box, tube
from studio import matte, metal
from svg import group, page, rasterise, t
from weave import stripes

SATCHEL = {"cognac": ("#8f4f22", "#743d18", "#e0b98a"), "black": ("#232120", "#191817", "#4a4643")}


def peg(x: float, y: float) -> list[Part]:
    """A brass knob on the wall."""
    stem = tube(px(f"{x},{y},0 {x},{y},20 {x},{y},46"), 0.007, metal("#b08d57", 0.3))
    knob = tube(
        px(f"{x},{y},44 {x},{y},52 {x},{y},60"),
        np.r_[np.linspace(0.008, 0.019, 10), np.linspace(0.019, 0.002, 11)],
        metal("#b08d57", 0.28),
    )
    return [stem, knob]


def shelf(y: float) -> list[Part]:
    """An oak shelf under shoes, its top at canvas height y."""
    board = rounded_box(760, 150, 30, 3, timber("#c99d66", "#93683a", 4, rings=3)).moved(400, -75, -30)
    board = board.scaled(0.001).moved(0, 0, -y / 1000)
    return [board]


def _cabas_halles_details(sheet: Sheet) -> None:
    """Later layers of cabas halles."""
    folds = [
        drape(2.2, 9, 440, 860, 1, 0.8),
        crease("250,500 330,640 340,840", 6, 18),
        crease("560,480 500,640 520,840", 6, 18),
        crease("220,840 400,826 590,838", 8, 12),
    ]
    body = outline("400,424 500,422 600,414! 604,600 594,880! 560,896 480,902 400,902", mirrored=True)
    sheet.layer(body, "#d8cbaa", "canvas", lift=5, puff=16, soft=60, folds=folds, crumple=6)
    sheet.layer(
        outline("400,424 500,422 600,414! 601,446! 500,454 400,456", mirrored=True),
        "#d8cbaa",
        "canvas",
        lift=4,
        puff=4,
        soft=6,
        crumple=0.5,
        attached=True,
    )
    sheet.stitch("206,440 400,450 596,440", "#a8997a", 5, 1)
    _tote_print(sheet)


def cabas_halles(_: str | None) -> list[Part]:
    """Canvas tote with green handles and the hall printed on it."""
    sheet = Sheet(seed=231)
    far = Sheet(seed=232, depth=2)
    far.layer(
        outline("400,410 500,408 596,402! 598,440! 400,450", mirrored=True),
        "#b9ab8a",
        "canvas",
        lift=0,
        puff=2,
        soft=5,
        crumple=1,
    )
    _cabas_halles_details(sheet)
    straps = []
    green = matte("#174a33", 0.9, 0.2)
    for z, drop in ((30, 0), (8, 8)):
        path = (
            f"306,{470 - drop},{z} 306,{400 - drop},{z} 318,{280 - drop},{z + 6} 366,{176 - drop},{z + 10}"
            f" 400,{152 - drop},{z + 12} 434,{176 - drop},{z + 10} 482,{280 - drop},{z + 6}"
            f" 494,{400 - drop},{z} 494,{470 - drop},{z}"
        )
        straps.append(tube(px(path), 0.0125, green))
    for x in (306, 494):
        sheet.layer(
            f"{x - 14},430! {x + 14},430! {x + 14},500! {x - 14},500!",
            "#174a33",
            "canvas",
            lift=8,
            puff=5,
            soft=7,
            crumple=0,
            attached=True,
        )
        sheet.stitch(f"{x - 8},486 {x},488 {x + 8},486", "#d8cbaa", 4, 1)
    return [far.part(gap=3), *peg(400, 152), *straps, sheet.part(0.95)]


def _tote_print(sheet: Sheet) -> None:
    art = group(hall("#174a33", 4.2), 400, 628, 1.55) + t(
        400, 760, "HALLES", 56, "Fraunces", "#174a33", letter_spacing="8"
    )
    art += t(400, 800, "le marché, tous les jours", 31, "Caveat", "#174a33")
    size = sheet.shape[1], sheet.shape[0]
    image = (
        np.asarray(rasterise(*size, page(*size, f'<g transform="scale({S})">{art}</g>'), clear=True), float)
        / 255
    )
    cover = image[..., 3:] * 0.9
    sheet.colour = sheet.colour * (1 - cover) + image[..., :3] * cover


def _sacoche_republique_details(sheet: Sheet, main: str, thread: str) -> None:
    """Later layers of sacoche republique."""
    body = outline("400,430 500,430 596,440! 604,640 600,812! 560,832 480,838 400,838", mirrored=True)
    sheet.layer(
        body,
        main,
        "leather",
        lift=12,
        puff=18,
        soft=40,
        folds=[crease("220,760 400,780 590,764", 4, 20)],
        crumple=3,
    )
    flap = outline("400,404 500,404 588,416! 606,440 608,600 590,690! 540,712 460,722 400,724", mirrored=True)
    sheet.layer(
        flap,
        main,
        "leather",
        lift=26,
        puff=14,
        soft=26,
        folds=[crease("210,470 400,456 590,470", 5, 26)],
        crumple=3,
    )
    sheet.stitch("216,446 216,600 230,672 400,700 570,672 584,600 584,446", thread, 7, 1.5)
    sheet.layer(
        "366,640! 434,640! 430,770 400,784 370,770!", main, "leather", lift=32, puff=6, soft=9, crumple=0.5
    )
    sheet.stitch("374,650 378,764 400,774 422,764 426,650", thread, 6, 1.3)
    sheet.layer("374,712! 426,712! 426,752! 374,752!", "#b48a3c", "plain", lift=44, puff=5, soft=6, crumple=0)
    sheet.layer("392,700! 408,700! 408,738! 392,738!", "#c79a48", "plain", lift=50, puff=6, soft=6, crumple=0)


def sacoche_republique(colour: str | None) -> list[Part]:
    """Leather satchel with a flap, a strap and a brass tuck lock."""
    main, dark, thread = SATCHEL[colour or "cognac"]
    sheet = Sheet(seed=241)
    gusset = outline("400,440 500,440 622,452! 634,640 626,820! 540,838 400,842", mirrored=True)
    sheet.layer(gusset, dark, "leather", lift=2, puff=10, soft=16, crumple=2)
    _sacoche_republique_details(sheet, main, thread)
    strap = matte(main, 0.5, 0.4)
    line = px(
        "206,470,10 196,420,14 230,300,20 330,190,36 400,160,44 470,190,36 570,300,20 604,420,14 594,470,10"
    )
    straps = [tube(line, 0.0105, strap)]
    brass = metal("#b08d57", 0.3)
    straps += [tube(px(f"{x - 16},440,26 {x},436,30 {x + 16},440,26"), 0.006, brass) for x in (206, 594)]
    return [*peg(400, 160), *straps, sheet.part(0.42)]


def shifted(dx: float, dy: float) -> Callable[[str], str]:
    """Moves a list of points."""

    def move(points: str) -> str:
        out = []
        for point in points.split():
            x, y = (float(n) for n in point.rstrip("!").split(","))
            out.append(f"{x + dx:g},{y + dy:g}" + ("!" if point.endswith("!") else ""))
        return " ".join(out)

    return move


def _sneaker(dx: float, dy: float, depth: float, seed: int) -> Sheet:
    """A low shoe seen from its side, toe to the left."""
    sheet, at = Sheet(seed=seed, depth=depth), shifted(dx, dy)
    white, shade, thread = "#e9e6de", "#d9d4c8", "#b8b2a4"
    sheet.layer(
        at("462,500! 520,520 590,516 640,500! 650,560 560,590 480,570!"), "#c4b99f", "canvas", lift=2, puff=6
    )
    sheet.layer(
        at("404,540! 416,500 440,470 462,470! 480,500 500,540 450,580!"), shade, "canvas", lift=14, puff=12
    )
    upper = (
        "650,506! 664,566 672,640 668,716! 400,724 164,724! 148,696 158,664 206,640 290,618 352,586 410,532! "
    )
    upper += "440,520 468,512! 500,546 552,560 606,544"
    folds = [crease(at("286,626 316,654 328,700"), 4, 7), crease(at("262,632 290,662 300,704"), 3, 6)]
    sheet.layer(at(upper), white, "leather", lift=14, puff=46, soft=110, folds=folds, crumple=1)
    tab = "612,530! 650,500! 666,566 674,640 672,700! 624,704! 612,620"
    sheet.layer(at(tab), "#1e5b42", "leather", lift=44, puff=7, soft=10, crumple=0)
    stay = "410,530! 442,514 470,508! 486,536 446,596 388,640! 344,628 346,600 372,572"
    sheet.layer(at(stay), white, "leather", lift=52, puff=5, soft=7, crumple=0)
    toe = "152,668! 208,640 262,628! 292,668 296,724! 160,724! 148,696"
    sheet.layer(at(toe), white, "leather", lift=46, puff=9, soft=24)
    sheet.stitch(at("268,634 297,670 301,716"), thread, 5, 1.1)
    sheet.stitch(at("352,606 356,622 388,632 440,590 478,538"), thread, 5, 1.1)
    _laces(sheet, dx, dy)
    sole = (
        "146,698 154,690! 300,704 460,710 600,704 674,692! 682,722 676,752 650,760! 178,760! 148,748 140,722"
    )
    sheet.layer(at(sole), "#e6d9b8", "plain", lift=52, puff=13, soft=14, crumple=0)
    sheet.groove(at("146,728 400,742 680,728"), 2.5, 2.4, "#1e5b42", 0.8)
    return sheet


def _laces(sheet: Sheet, dx: float, dy: float) -> None:
    """Six short bars that go into their eyelets."""
    for k in range(6):
        x, y = 368 + k * 15 + dx, 574 - k * 12.5 + dy
        lace = f"{x - 9},{y - 7}! {x + 30},{y + 22}! {x + 26},{y + 28}! {x - 13},{y - 1}!"
        sheet.layer(lace, "#f8f5ee", "canvas", lift=62, puff=5, soft=4, crumple=0)
        sheet.button(x + 30, y + 27, 3.4, "#8f8a7e", 0)


def canal_sneaker(_: str | None) -> list[Part]:
    """A pair of low white sneakers on a shelf."""
    back, front = _sneaker(46, -36, 8, 251), _sneaker(-20, 0, 60, 252)
    return [*shelf(759), back.part(0.6, gap=4), front.part(0.6, gap=4)]


def _boot_details(sheet: Sheet, at: Callable[[str], str], dark: str, main: str) -> None:
    """Later layers of boot."""
    sheet.layer(
        at("440,300 520,286 600,290 604,310 520,326 446,318"),
        "#3a2a1e",
        "leather",
        lift=6,
        puff=6,
        soft=12,
        crumple=0,
    )
    sheet.layer(at("566,262! 590,258! 596,330! 572,334!"), dark, "canvas", lift=4, puff=3, soft=5, crumple=0)
    upper = (
        "438,306! 520,318 608,302! 616,420 624,520 640,620 638,706! 400,716 176,716! 158,684 172,650 240,620"
        " 330,592 404,546 432,470 436,390"
    )
    folds = [
        crease(at("380,570 420,600 440,640"), 5, 9),
        crease(at("400,548 446,576 466,610"), 5, 9),
        crease(at("428,490 480,520 560,520"), 5, 12),
    ]
    sheet.layer(at(upper), main, "leather", lift=14, puff=46, soft=110, folds=folds, crumple=2)
    sheet.layer(
        at("478,316! 566,312! 566,420 552,520 528,556! 506,520 484,430"),
        "#1e1a18",
        "rib",
        lift=50,
        puff=5,
        soft=10,
        crumple=0,
    )
    sheet.stitch(at("470,322 474,440 500,536 528,568 560,534 576,430 576,322"), "#a8784c", 5, 1.2)
    sheet.groove(at("330,598 372,640 380,712"), 1.5, 1.6, dark)
    welt = "152,694 170,690! 300,704 470,710 640,698! 648,720 642,734! 400,740 170,740! 146,724"
    sheet.layer(at(welt), dark, "leather", lift=52, puff=8, soft=9, crumple=0)


def _boot(dx: float, dy: float, depth: float, seed: int) -> Sheet:
    sheet, at = Sheet(seed=seed, depth=depth), shifted(dx, dy)
    main, dark = "#6a3a20", "#3a2416"
    _boot_details(sheet, at, dark, main)
    outsole = (
        "150,728! 170,736 400,738 646,730! 650,776! 526,776! 520,752! 450,750 380,770 300,776 220,774 170,758"
    )
    sheet.layer(at(outsole), "#2c1b10", "leather", lift=46, puff=10, soft=10, crumple=0)
    sheet.groove(at("522,744 580,746 648,742"), 2, 2, "#140c07")
    return sheet


def chelsea_boot(_: str | None) -> list[Part]:
    """A pair of ankle boots on a shelf."""
    return [*shelf(774), _boot(60, -36, 8, 261).part(0.4, gap=4), _boot(-20, 0, 62, 262).part(0.4, gap=4)]


def echarpe_loire(_: str | None) -> list[Part]:
    """A long scarf folded over a rail."""
    rail = tube(px("120,176,24 400,176,24 680,176,24"), 0.011, matte("#2a2b29", 0.5, 0.4))
    ends = [
        tube(px(f"{x},176,0 {x},176,12 {x},176,24"), 0.009, matte("#2a2b29", 0.5, 0.4)) for x in (140, 660)
    ]
    bands = [stripes("#5c7f63", 220, 96), stripes("#e8dfc6", 220, 16, low=0)]

    def paint(x: Array, y: Array, base: Array) -> Array:
        return bands[1](x, y + 60, bands[0](x, y, base))

    back, front = Sheet(seed=271, depth=4), Sheet(seed=272, depth=26)
    for sheet, shift, low in ((back, 46, 780), (front, -20, 856)):
        x = 400 + shift
        body = (
            f"{x - 116},166! {x + 112},164! {x + 118},400 {x + 108},640 {x + 116},{low}! {x},{low + 6}"
            f" {x - 112},{low}! {x - 122},600 {x - 112},400"
        )
        sheet.layer(
            body,
            "#274c3b",
            "wool",
            lift=6,
            puff=13,
            soft=26,
            folds=[drape(2.3, 11, 130, 420, 1, 0.7)],
            crumple=4,
            pattern=paint,
        )
        for k in range(17):
            fx = x - 108 + k * 13.4
            sway = 5 * np.sin(k * 2.1 + shift)
            sheet.layer(
                f"{fx - 4},{low - 4}! {fx + 5},{low - 4}! {fx + 5 + sway},{low + 58}!"
                f" {fx - 3 + sway},{low + 58}!",
                "#274c3b" if k % 3 else "#5c7f63",
                "wool",
                lift=6,
                puff=6,
                soft=5,
                crumple=0,
            )
    return [back.part(0.98, 0.4, gap=4), rail, *ends, front.part(0.98, 0.4, gap=6)]


def beret_ernest(_: str | None) -> list[Part]:
    """A felt beret on its peg, tilted."""
    sheet = Sheet(seed=281)
    band = "262,560 310,640 384,668 466,670 550,646 600,560! 500,520 360,520!"
    sheet.layer(band, "#6f1835", "felt", lift=4, puff=16, soft=16, crumple=1)
    disc = (
        "400,300 520,310 632,382 672,486 640,570 560,626 470,650 380,648 280,622 186,562 148,470 190,372"
        " 300,312"
    )
    folds = [
        crease("190,470 300,392 470,380", 10, 44),
        crease("240,580 420,618 600,560", 9, 26),
        crease("500,350 590,420 628,510", 8, 34),
        crease("176,520 230,470 330,440", 6, 26),
    ]
    sheet.layer(disc, "#8f2346", "felt", lift=10, puff=64, soft=170, folds=folds, crumple=5)
    sheet.layer(
        "404,430! 416,428! 424,380 420,360! 404,362! 400,384", "#8f2346", "felt", lift=74, puff=9, soft=6
    )
    return [*peg(400, 300), sheet.part(0.98, 0.5, gap=6)]
