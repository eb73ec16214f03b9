# pyright: basic, reportMissingImports=false
"""Label artwork of the invented brands: each function gives pixels at its own size."""

from __future__ import annotations

import math
from collections.abc import Callable

import motifs as m
from solids import Array
from svg import circle, group, path, pixels, rect, t

INK = "#1f2421"


def jam() -> Array:
    body = rect(0, 0, 1000, 520, "#fbf4e4") + rect(22, 22, 956, 476, "none", "#9c1f2a", 5)
    body += rect(36, 36, 928, 448, "none", "#9c1f2a", 1.5) + group(
        m.strawberry("#5d1218", "#c8303c"), 500, 116, 1.3
    )
    body += t(500, 276, "Maison Bellerive", 80, fill="#5d1218")
    body += t(500, 356, "FRAISE", 66, "Josefin", "#9c1f2a", letter_spacing="18")
    body += t(500, 415, "confiture au chaudron", 46, "Caveat", "#5d1218")
    body += t(500, 466, "370 g", 34, "Instrument", "#5d1218")
    for x in (110, 890):
        body += group(m.strawberry("#5d1218", "#c8303c"), x, 330, 0.9)
    return pixels(1000, 520, body)


def honey() -> Array:
    hexes = ""
    for row in range(6):
        for col in range(12):
            x, y = col * 96 + (row % 2) * 48, row * 84
            hexes += path(f"M{x} {y - 52}l45 26v52l-45 26l-45-26v-52Z", "none", "#e6b648", 3)
    body = (
        rect(0, 0, 1000, 460, "#f6d88a")
        + hexes
        + path("M500 18l190 106v212l-190 106l-190-106v-212Z", "#fffaf0", "#5a3c0a", 5)
    )
    body += group(m.bee("#3b2706", "#e2a52c"), 500, 118, 0.95) + t(
        500, 232, "Rucher des Toits", 42, fill="#3b2706"
    )
    body += t(500, 290, "TILLEUL", 50, "Josefin", "#8a5a0c", letter_spacing="10") + t(
        500, 342, "miel de Paris", 36, "Caveat", "#3b2706"
    )
    return pixels(1000, 460, body + t(500, 388, "250 g", 24, "Instrument", "#3b2706"))


def oil() -> Array:
    body = (
        rect(0, 0, 760, 860, "#f3ecd6") + rect(0, 0, 760, 130, "#4b5d23") + rect(0, 812, 760, 48, "#4b5d23")
    )
    body += t(380, 88, "MOULIN D'AZUR", 60, "Josefin", "#f3ecd6", letter_spacing="5")
    body += group(m.olive("#3b4a1c", "#8c9b3f"), 380, 290, 2.3) + t(
        380, 500, "Fruité vert", 104, fill="#3b4a1c"
    )
    body += t(380, 572, "huile d'olive vierge extra", 42, "Instrument", "#3b4a1c", font_weight="500")
    body += path("M250 622H510", "none", "#b98a2c", 4) + t(
        380, 700, "récolte précoce", 56, "Caveat", "#7c5a16"
    )
    return pixels(760, 860, body + t(380, 775, "500 ml", 36, "Instrument", "#3b4a1c"))


def tea() -> Array:
    body = rect(0, 0, 1400, 760, "#1f4a5c")
    for x in range(0, 1400, 70):
        body += path(f"M{x} 40l35 34l35-34M{x} 686l35 34l35-34", "none", "#c9a35a", 4)
    body += rect(430, 90, 540, 580, "#f5edd8", "#c9a35a", 7, 270) + rect(
        450, 110, 500, 540, "none", "#1f4a5c", 2.5, 250
    )
    body += group(m.tea("#1f4a5c", "#9dbb8a"), 700, 225, 1.4) + t(
        700, 372, "COMPTOIR DU QUAI", 37, "Josefin", "#1f4a5c", letter_spacing="3"
    )
    body += t(700, 458, "Earl Grey", 92, fill="#1f4a5c") + t(
        700, 520, "thé noir, bergamote, bleuet", 31, "Instrument", "#1f4a5c", font_weight="500"
    )
    return pixels(1400, 760, body + t(700, 590, "100 g", 30, "Instrument", "#8a6414"))


def biscuits() -> Array:
    body = rect(0, 0, 1000, 700, "#d98c6a")
    for x in range(-100, 1100, 100):
        body += path(f"M{x} 0L{x + 50} 350L{x} 700", "none", "#e6a486", 14)
    body += rect(150, 70, 700, 560, "#fdf6e8", "#7a2e1c", 6, 30) + group(
        m.lantern("#7a2e1c", "#f6c860"), 500, 180, 1.25
    )
    body += t(500, 320, "Biscuiterie Lanterne", 56, fill="#7a2e1c") + t(
        500, 440, "Sablés", 126, fill="#b6482a", font_weight="700"
    )
    body += t(500, 505, "au beurre et au sel gris", 44, "Caveat", "#7a2e1c") + t(
        500, 580, "200 g", 32, "Instrument", "#7a2e1c"
    )
    return pixels(1000, 700, body)


def pasta() -> Array:
    body = rect(0, 0, 700, 1000, "#1d3f6e")
    for k in range(14):
        body += group(
            rect(-60, -13, 120, 26, "none", "#e9c46a", 4, 13),
            60 + (k % 4) * 195,
            70 + (k // 4) * 70 if k < 8 else 900 + ((k - 8) // 4) * 60,
            1,
            (k * 47) % 180,
        )
    body += (
        rect(0, 250, 700, 300, "#f7efdc")
        + t(350, 345, "Mulino Sereno", 70, fill="#1d3f6e")
        + path("M200 378H500", "none", "#c8502e", 5)
    )
    body += t(350, 488, "PENNE", 112, "Oswald", "#c8502e", letter_spacing="14")
    return pixels(
        700,
        1000,
        body
        + t(350, 800, "trafilata al bronzo", 52, "Caveat", "#f7efdc")
        + t(350, 860, "500 g", 38, "Instrument", "#f7efdc"),
    )


def chocolate() -> Array:
    body = rect(0, 0, 620, 1240, "#3a1d1a")
    for y in range(0, 1240, 62):
        for x in range(0, 620, 62):
            body += path(
                f"M{x} {y + 31}L{x + 31} {y}L{x + 62} {y + 31}L{x + 31} {y + 62}Z", "none", "#6b3a2a", 3
            )
    body += rect(70, 170, 480, 760, "#f4e7d3", "#c69a4e", 8) + rect(90, 190, 440, 720, "none", "#3a1d1a", 2)
    body += group(m.cacao("#3a1d1a", "#d9893d"), 310, 345, 1.7) + t(
        310, 545, "CACAO", 70, "Josefin", "#3a1d1a", letter_spacing="12"
    )
    body += t(310, 618, "Marelle", 84, fill="#3a1d1a") + t(
        310, 800, "72 %", 138, fill="#b05a24", font_weight="700"
    )
    return pixels(
        620,
        1240,
        body
        + t(310, 870, "noir, Pérou", 52, "Caveat", "#3a1d1a")
        + t(310, 1080, "85 g", 42, "Instrument", "#f4e7d3"),
    )


def alpage() -> Array:
    body = rect(0, 0, 620, 400, "#fdf8ea", "#7d1f1c", 12) + group(
        m.mountain("#274b3a", "#fdf8ea"), 310, 110, 1.2
    )
    body += t(310, 232, "Haute-Combe", 70, fill="#7d1f1c") + t(310, 300, "affiné 18 mois", 52, "Caveat", INK)
    return pixels(620, 400, body + t(310, 358, "LAIT CRU", 32, "Josefin", "#274b3a", letter_spacing="6"))


def round_cheese() -> Array:
    body = (
        rect(0, 0, 1000, 1000, "#e9d3a6")
        + circle(500, 500, 455, "#1e5b46")
        + circle(500, 500, 425, "none", "#f6ecd2", 6)
        + circle(500, 500, 330, "#f6ecd2")
    )
    ring = '<path id="r" d="M500 500m-362 0a362 362 0 1 1 724 0a362 362 0 1 1 -724 0" fill="none"/>'
    words = (
        '<text font-family="Josefin" font-size="60" fill="#f6ecd2" letter-spacing="12"'
        ' font-weight="600"><textPath href="#r" startOffset="7%">FRUITIÈRE HAUTE-COMBE · LAIT CRU'
        " ·</textPath></text>"
    )
    body += (
        ring
        + words
        + group(m.mountain("#1e5b46", "#f6ecd2"), 500, 390, 1.9)
        + t(500, 590, "Le Rond", 128, fill="#b8321f")
    )
    return pixels(
        1000,
        1000,
        body
        + t(500, 670, "de la combe", 66, "Caveat", "#1e5b46")
        + t(500, 750, "250 g", 42, "Instrument", "#1e5b46"),
    )


def water() -> Array:
    body = rect(0, 0, 900, 620, "#eef4f2") + rect(0, 0, 900, 26, "#1f4e79") + rect(0, 594, 900, 26, "#1f4e79")
    body += group(m.bubbles("#3f7fa8"), 450, 150, 1.5) + t(450, 350, "Aubrelle", 132, fill="#1f4e79")
    body += t(450, 430, "EAU PÉTILLANTE", 48, "Josefin", "#1f4e79", letter_spacing="9") + t(
        450, 500, "bulles de source", 46, "Caveat", "#3f7fa8"
    )
    return pixels(900, 620, body + t(450, 565, "75 cl", 32, "Instrument", "#1f4e79"))


def sardines() -> Array:
    body = (
        rect(0, 0, 1200, 840, "#f2c14e", "none", 0)
        + rect(40, 40, 1120, 760, "none", "#163a5f", 7, 90)
        + rect(60, 60, 1080, 720, "none", "#163a5f", 2.5, 74)
    )
    for k, y in enumerate((180, 270, 360)):
        body += group(
            m.sardine("#163a5f", "#dfe8ea"), 600 + (-20 if k % 2 else 20), y, 2.1 if k == 1 else 1.9, 0
        )
    body += t(600, 540, "Pointe-Bleue", 128, fill="#163a5f", font_weight="700") + t(
        600, 620, "SARDINES", 66, "Josefin", "#b8321f", letter_spacing="20"
    )
    return pixels(
        1200,
        840,
        body
        + t(600, 700, "à l'huile d'olive", 62, "Caveat", "#163a5f")
        + t(600, 755, "115 g", 36, "Instrument", "#163a5f"),
    )


def juice() -> Array:
    body = (
        rect(0, 0, 900, 720, "#fbf5e3")
        + rect(0, 560, 900, 160, "#5c7a2e")
        + group(m.apple("#3c4f1e", "#d9a43a"), 450, 160, 2.0)
    )
    body += t(450, 390, "Pressée", 140, fill="#3c4f1e") + t(
        450, 475, "jus de pomme trouble", 54, "Caveat", "#8a5a14"
    )
    return pixels(
        900, 720, body + t(450, 650, "VERGERS DU LOING · 1 L", 46, "Josefin", "#fbf5e3", letter_spacing="4")
    )


def coffee() -> Array:
    body = (
        rect(0, 0, 700, 1000, "#262a31")
        + circle(350, 330, 205, "#e8785a")
        + rect(0, 452, 700, 300, "#262a31")
        + group(m.pigeon("#f6efe2"), 345, 400, 2.6)
    )
    body += t(350, 600, "Brûlerie Pigeon", 82, fill="#f6efe2") + t(
        350, 690, "MATIN", 76, "Josefin", "#e8785a", letter_spacing="26"
    )
    return pixels(
        700,
        1000,
        body
        + t(350, 770, "grains, torréfaction douce", 42, "Caveat", "#f6efe2")
        + t(350, 860, "250 g", 36, "Instrument", "#c7bfae"),
    )


def mustard() -> Array:
    body = (
        rect(0, 0, 1000, 420, "#22392c")
        + rect(20, 20, 960, 380, "none", "#d9b24a", 4)
        + group(m.grains("#6b4a12", "#d9b24a"), 500, 95, 1.25)
    )
    body += t(500, 235, "Moutarde", 98, fill="#f5ecd0") + t(
        500, 295, "À L'ANCIENNE", 42, "Josefin", "#d9b24a", letter_spacing="8"
    )
    return pixels(
        1000,
        420,
        body + t(500, 358, "Maison Bellerive · 210 g", 34, "Instrument", "#f5ecd0", font_weight="500"),
    )


def eggs() -> Array:
    body = rect(0, 0, 1000, 420, "#fdf7e8", "#3d5a3a", 8) + group(
        m.hen("#3a2a1c", "#e7b98a", "#c23a2a"), 190, 215, 2.3
    )
    body += t(630, 160, "Ferme du Gué", 88, fill="#3a2a1c") + t(
        630, 255, "SIX ŒUFS", 74, "Josefin", "#c23a2a", letter_spacing="10"
    )
    return pixels(1000, 420, body + t(630, 335, "plein air, extra-frais", 58, "Caveat", "#3d5a3a"))


def butter() -> Array:
    body = rect(0, 0, 1000, 520, "#f8ecc4")
    for x in range(0, 1000, 50):
        body += rect(x, 0, 25, 74, "#2f5f8a") + rect(x, 446, 25, 74, "#2f5f8a")
    body += t(500, 220, "Beurre de baratte", 106, fill="#24486b", font_weight="700") + t(
        500, 300, "DEMI-SEL", 58, "Josefin", "#b8321f", letter_spacing="16"
    )
    return pixels(
        1000,
        520,
        body
        + t(500, 375, "cristaux de sel", 54, "Caveat", "#24486b")
        + t(500, 425, "Haute-Combe · 250 g", 30, "Instrument", "#24486b"),
    )


def candle() -> Array:
    body = rect(0, 0, 760, 560, "#f7f1e3", "#44583f", 5) + group(m.fig("#44583f", "#a58aa6"), 380, 160, 1.7)
    body += t(380, 340, "Figuier", 110, fill="#44583f") + t(
        380, 420, "PETITE FLAMME", 42, "Josefin", "#44583f", letter_spacing="8"
    )
    return pixels(760, 560, body + t(380, 490, "cire de colza, 40 h", 44, "Caveat", "#44583f"))


def baguette() -> Array:
    body = (
        rect(0, 0, 900, 420, "#efe2c6")
        + rect(0, 26, 900, 6, "#7a3b1d")
        + rect(0, 388, 900, 6, "#7a3b1d")
        + group(m.wheat("#7a3b1d"), 110, 200, 2.0, 14)
        + group(m.wheat("#7a3b1d"), 790, 200, 2.0, -14)
    )
    return pixels(
        900,
        420,
        body
        + t(450, 200, "Fournil Saint-Paul", 68, fill="#7a3b1d")
        + t(450, 280, "TRADITION", 60, "Josefin", "#7a3b1d", letter_spacing="14")
        + t(450, 345, "cuite quatre fois par jour", 42, "Caveat", "#7a3b1d"),
    )


def clock() -> Array:
    body = rect(0, 0, 1000, 1000, "#fbfaf5")
    for k in range(60):
        big = k % 5 == 0
        body += group(
            rect(-9 if big else -3, -452, 18 if big else 6, 66 if big else 30, "#1c1b17"), 500, 500, 1, k * 6
        )
    for k in range(1, 13):
        a = math.radians(k * 30)
        body += t(500 + 320 * math.sin(a), 500 - 320 * math.cos(a) + 38, str(k), 108, "Josefin", "#1c1b17")
    hands = group(path("M-13 60L-10-240H10L13 60Z", "#1c1b17"), 500, 500, 1, 305) + group(
        path("M-9 80L-6-390H6L9 80Z", "#1c1b17"), 500, 500, 1, 54
    )
    hands += group(path("M-4 110V-400H4V110Z", "#b8321f"), 500, 500, 1, 200) + circle(500, 500, 22, "#1c1b17")
    return pixels(
        1000, 1000, body + t(500, 690, "GARE", 40, "Josefin", "#1e6b4a", letter_spacing="12") + hands
    )


_ALL = (
    *(jam, honey, oil, tea, biscuits, pasta, chocolate, alpage, round_cheese, water, sardines),
    *(juice, coffee, mustard, eggs, butter, candle, baguette, clock),
)
SHEET: dict[str, Callable[[], Array]] = {art.__name__: art for art in _ALL}
