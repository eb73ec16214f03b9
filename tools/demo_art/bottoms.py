# pyright: basic, reportMissingImports=false
"""Trousers and skirts, on clip hangers."""

from __future__ import annotations

from cloth import Sheet, flipped, outline
from folds import crease, drape, pleats
from hangers import both, clips
from solids import Part
from weave import Pattern, check

WIDE = {"taupe": ("#8d7d69", "#776854"), "black": ("#232325", "#18181a")}
PLEAT = {"forest": ("#21523c", "#183d2d"), "rose": ("#b06f74", "#96595f")}


def _waist(
    sheet: Sheet, colour: str, cloth: str, top: float, low: float, half: float, wider: float = 4
) -> None:
    shape = outline(
        f"400,{top + 5} {400 + half * 0.6},{top + 4} {400 + half},{top}! {400 + half + wider},{low}!"
        f" {400 + half * 0.6},{low + 4} 400,{low + 5}",
        mirrored=True,
    )
    sheet.layer(shape, colour, cloth, lift=15, puff=4, soft=7, crumple=0.5)


def _inside(colour: str, cloth: str, top: float, half: float) -> Sheet:
    inner = Sheet(seed=7, depth=2)
    shape = outline(
        f"400,{top - 7} {400 + half * 0.6},{top - 6} {400 + half - 1},{top}! {400 + half - 3},{top + 16}!"
        f" 400,{top + 18}",
        mirrored=True,
    )
    inner.layer(shape, colour, cloth, lift=0, puff=2, soft=6, crumple=0)
    return inner


def _romy_wide_details(sheet: Sheet, dark: str, main: str) -> None:
    """Later layers of romy wide."""
    leg = "398,180! 520,176! 548,300 572,520 596,740 606,922! 520,934 424,932! 414,700 406,500 399,380!"
    right = [
        crease("462,186 478,480 512,926", 9, 10, 0, "none"),
        crease("540,300 556,560 580,920", 6, 14),
        crease("430,420 436,680 450,930", 6, 14),
        crease("402,392 440,372 500,330", 6, 10),
    ]
    left = [
        crease("338,186 322,480 288,926", 9, 10, 0, "none"),
        crease("260,300 244,560 220,920", 6, 14),
        crease("370,420 364,680 350,930", 6, 14),
        crease("398,392 360,372 300,330", 6, 10),
    ]
    both(sheet, leg, main, "twill", lift=5, puff=14, soft=40, folds=right, mirror=left, crumple=4)
    sheet.groove("400,180 399,260 399,372", 3, 2, dark)
    both(
        sheet,
        "512,196! 524,196! 498,290! 486,288!",
        main,
        "twill",
        lift=4,
        puff=2,
        soft=4,
        crumple=0,
        attached=True,
    )
    _waist(sheet, main, "twill", 146, 186, 116)
    sheet.button(416, 166, 7, dark)


def romy_wide(colour: str | None) -> list[Part]:
    """High, pleated, wide trousers."""
    main, dark = WIDE[colour or "taupe"]
    sheet = Sheet(seed=181)
    _romy_wide_details(sheet, dark, main)
    for x in (330, 470):
        sheet.layer(
            f"{x - 5},142! {x + 5},142! {x + 5},192! {x - 5},192!",
            main,
            "twill",
            lift=6,
            puff=2,
            soft=3,
            crumple=0,
            attached=True,
        )
    return [_inside(dark, "twill", 146, 116).part(gap=4), *clips(122, 118), sheet.part(0.85)]


def _clement_jeans_details(sheet: Sheet, dark: str, main: str, thread: str) -> None:
    """Later layers of clement jeans."""
    leg = "398,186! 514,180! 532,290 538,480 536,700 530,916! 470,926 426,922! 420,700 412,500 400,372!"
    right = [
        crease("404,384 440,380 500,360", 7, 9),
        crease("408,400 450,412 510,420", 6, 9),
        crease("420,580 470,590 530,570", 6, 10),
        crease("422,620 470,610 532,626", 5, 10),
        crease("424,880 470,890 528,876", 6, 9),
    ]
    left = [
        crease("396,384 360,380 300,360", 7, 9),
        crease("392,400 350,412 290,420", 6, 9),
        crease("380,590 330,600 270,576", 6, 10),
        crease("378,626 330,616 268,634", 5, 10),
        crease("376,884 330,892 272,878", 6, 9),
    ]
    both(sheet, leg, main, "denim", lift=5, puff=17, soft=34, folds=right, mirror=left, crumple=4)
    for flip in (lambda p: p, flipped):
        sheet.groove(flip("440,188 452,226 520,240"), 2, 2, dark)
        sheet.stitch(flip("436,192 449,231 520,246"), thread, 5, 1.1)
        sheet.stitch(flip("522,250 530,480 526,910"), thread, 5, 1.0)
        sheet.stitch(flip("428,908 470,911 530,902"), thread, 5, 1.1)
        sheet.button(400 + (46 if flip("1,0")[0] == "1" else -46), 204, 3.2, "#b5763c", 0)
    sheet.groove("402,190 402,300 398,374", 3, 2, dark)
    sheet.stitch("424,192 424,290 402,340", thread, 5, 1.1)
    _waist(sheet, main, "denim", 148, 188, 113)
    sheet.stitch("290,156 400,161 510,156", thread, 5, 1)
    sheet.stitch("288,182 400,187 512,182", thread, 5, 1)


def clement_jeans(_: str | None) -> list[Part]:
    """Straight five-pocket jeans."""
    main, dark, thread = "#5f7f9f", "#3f5a78", "#c98d4a"
    sheet = Sheet(seed=191)
    _clement_jeans_details(sheet, dark, main, thread)
    for x in (322, 366, 434, 478):
        sheet.layer(
            f"{x - 5},144! {x + 5},144! {x + 5},194! {x - 5},194!",
            main,
            "denim",
            lift=6,
            puff=2,
            soft=3,
            crumple=0,
            attached=True,
        )
    sheet.button(401, 170, 9, "#b5763c", 0)
    return [_inside(dark, "denim", 148, 113).part(gap=4), *clips(124, 114), sheet.part(0.9)]


def _felix_cord_details(sheet: Sheet, dark: str, main: str) -> None:
    """Later layers of felix cord."""
    leg = "398,186! 518,180! 544,300 540,480 512,700 500,890! 460,900 424,896! 422,700 412,500 400,376!"
    right = [
        crease("404,388 450,384 520,350", 7, 10),
        crease("420,590 470,600 526,580", 6, 11),
        crease("424,640 470,630 522,650", 6, 11),
        crease("458,196 470,300 478,420", 6, 12),
    ]
    left = [
        crease("396,388 350,384 280,350", 7, 10),
        crease("380,596 330,606 274,586", 6, 11),
        crease("376,640 330,632 278,654", 6, 11),
        crease("342,196 330,300 322,420", 6, 12),
    ]
    both(sheet, leg, main, "cord", lift=5, puff=18, soft=36, folds=right, mirror=left, crumple=4)
    both(
        sheet,
        "423,868! 462,872 502,862! 501,898! 460,908 423,904!",
        main,
        "cord",
        lift=4,
        puff=6,
        soft=9,
        crumple=0,
        angle=90,
        attached=True,
    )
    for flip in (lambda p: p, flipped):
        sheet.groove(flip("470,188 500,230 538,262"), 3, 2.4, dark)
    sheet.groove("401,190 401,300 399,376", 3, 2, dark)
    _waist(sheet, main, "cord", 148, 188, 116)


def felix_cord(_: str | None) -> list[Part]:
    """Tapered wide-wale corduroy trousers."""
    main, dark = "#b98323", "#8f6318"
    sheet = Sheet(seed=201)
    _felix_cord_details(sheet, dark, main)
    for x in (326, 474):
        sheet.layer(
            f"{x - 6},144! {x + 6},144! {x + 6},194! {x - 6},194!",
            main,
            "cord",
            lift=6,
            puff=2,
            soft=3,
            crumple=0,
            attached=True,
        )
    sheet.button(402, 170, 9, "#4b3416")
    return [_inside(dark, "cord", 148, 116).part(gap=4), *clips(124, 118), sheet.part(0.95, 0.3)]


def paulette_pleated(colour: str | None) -> list[Part]:
    """Knife-pleated midi skirt."""
    main, dark = PLEAT[colour or "forest"]
    sheet = Sheet(seed=211)
    shape = outline(
        "400,200 460,198 506,194! 532,300 572,520 606,700 622,826! 520,850 400,856", mirrored=True
    )
    sheet.layer(
        shape,
        main,
        "plain",
        lift=5,
        puff=12,
        soft=50,
        folds=[pleats(19, 15, 190, 560), drape(3, 10, 420, 840, 1, 0.8)],
        crumple=3,
    )
    _waist(sheet, main, "rib", 160, 200, 106)
    return [_inside(dark, "plain", 160, 106).part(gap=4), *clips(136, 108), sheet.part(0.55, 0.2)]


def _ninon_check_skirt_details(sheet: Sheet, main: str, tartan: Pattern) -> None:
    """Later layers of ninon check skirt."""
    shape = outline("400,226 470,222 524,216! 560,360 594,520 614,640! 520,664 400,668", mirrored=True)
    sheet.layer(
        shape,
        main,
        "wool",
        lift=5,
        puff=12,
        soft=44,
        folds=[drape(2.4, 10, 320, 660, 1, 0.6)],
        crumple=4,
        pattern=tartan,
    )
    flap = "340,226! 470,224! 486,420 498,672! 420,676 330,672! 334,420"
    sheet.layer(
        flap,
        main,
        "wool",
        lift=14,
        puff=7,
        soft=20,
        folds=[crease("440,240 452,440 470,660", 5, 16)],
        crumple=2,
        pattern=check(("#2f2a26", "#efe3c4"), 92, 40, 6, -2),
    )
    _waist(sheet, "#8d6624", "wool", 178, 228, 124, 3)


def ninon_check_skirt(_: str | None) -> list[Part]:
    """A-line mini with a wrap and two buttons."""
    main, tartan = "#b1812f", check(("#2f2a26", "#efe3c4"), 92, 40, 6)
    sheet = Sheet(seed=221)
    _ninon_check_skirt_details(sheet, main, tartan)
    sheet.layer(
        outline("400,182 470,181 524,178! 527,228! 470,232 400,233", mirrored=True),
        main,
        "wool",
        lift=18,
        puff=4,
        soft=7,
        crumple=0.5,
        pattern=tartan,
    )
    for y in (262, 322):
        sheet.button(452, y, 12, "#2f2a26")
    return [_inside("#5c4319", "plain", 178, 124).part(gap=4), *clips(154, 124), sheet.part(0.97, 0.2)]
