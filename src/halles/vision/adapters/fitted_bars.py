"""Reads EAN-13 and UPC-A from lines too blurred for edges: which code, blurred so, would look most like this line?

Readers of bars look for edges, and where a lens out of focus is wider than a bar there are none. But a code has few
degrees of freedom: where it begins and ends, how it is bent, how wide the blur is, twelve digits. For many such places the
likeliest digits are found exactly (each digit's blurred picture reaches into its neighbours' and no further, so Viterbi's
algorithm applies), then place and blur are refined around the best (after Gallo and Manduchi, "Reading 1D barcodes with
mobile phones using deformable templates", IEEE PAMI 33, 2011; the pairwise blur and the check digit within the search are
additions). A code is believed when it resembles its line closely and no other code with a right check digit comes near.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_SPACES_FIRST = (
    "0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011",
)  # fmt: skip
"""Set A of GS1 General Specifications 5.2.1; 1 is a bar. Set C is its complement, set B set C read backwards."""

_FIRST_DIGIT = (
    "AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA",
)  # fmt: skip
"""Which of the left six digits stand in set B tells an EAN-13's first digit; 0 is a UPC-A."""

_MODULES, _QUIET, _CELLS = 95, 6, 3
_STARTS = (*range(3, 45, 7), *range(50, 92, 7))
_BLURS = (0.8, 1.5, 2.3)
"""Radii in modules of the disc of confusion."""

_BENDS = np.linspace(-0.2, 0.2, 13)
_OFF = np.arange(-3.2, 3.3, 0.8)
_BEGINNINGS, _BEGINNINGS_OF_BOTH_SETS, _ROUNDS, _CLIMBS = 6, 3, 7, 5
_STEP = np.array([0.7, 0.7, 0.015, 0.04], np.float32)
_SHARPEST, _SOFTEST = 0.5, 2.6
_AT = (np.arange((_MODULES + 2 * _QUIET) * _CELLS) + 0.5) / _CELLS - _QUIET


@dataclass(frozen=True, slots=True)
class _Blurred:
    """All digits' pictures at one blur: `guards` float32[t], `digits` float32[12, 20, t], and their inner products."""

    guards: Floats
    digits: Floats
    size: Floats
    pairs: Floats
    with_guards: Floats
    scale: float


@cache
def _blurred(radius: float) -> _Blurred:
    kernel = _disc(radius)
    complement = [_turned_over(one) for one in _SPACES_FIRST]
    backwards = [one[::-1] for one in complement]
    left, right = [*_SPACES_FIRST, *backwards], [*complement, *complement]
    guards = np.full(_MODULES + 2 * _QUIET, -0.5, np.float32)
    for place, bars in ((0, "101"), (45, "01010"), (92, "101")):
        for i, bar in enumerate(bars):
            guards[_QUIET + place + i] = 0.5 if bar == "1" else -0.5
    for start in _STARTS:
        guards[_QUIET + start : _QUIET + start + 7] = 0
    digits = np.zeros((12, 20, len(guards)), np.float32)
    for slot, start in enumerate(_STARTS):
        for which, bars in enumerate(left if slot < 6 else right):
            digits[slot, which, _QUIET + start : _QUIET + start + 7] = [int(bar) - 0.5 for bar in bars]
    pictures = _softened(np.concatenate([guards[None], digits.reshape(240, -1)]), kernel)
    seen, shown = pictures[0], pictures[1:].reshape(12, 20, -1)
    return _Blurred(
        guards=seen,
        digits=shown,
        size=np.asarray(np.square(shown).sum(axis=2), np.float32),
        pairs=np.asarray(np.einsum("ict,idt->icd", shown[:-1], shown[1:]), np.float32),
        with_guards=np.asarray(shown @ seen, np.float32),
        scale=float(np.sqrt(np.square(seen + shown[:, 0].sum(axis=0)).mean())),
    )


def _disc(radius: float) -> Floats:
    """The shadow on a line of an evenly lit disc of this radius in modules; sums to 1."""
    reach = int(np.ceil(radius * _CELLS)) + 1
    x = np.arange(-reach, reach + 1) / (radius * _CELLS)
    kernel = np.sqrt(np.maximum(1.05 - np.square(x), 0))
    return np.asarray(kernel / kernel.sum(), np.float32)


def _softened(modules: Floats, kernel: Floats) -> Floats:
    fine = np.repeat(modules, _CELLS, axis=1)
    reach = len(kernel) // 2
    padded = np.pad(fine, ((0, 0), (reach, reach)), mode="edge")
    return np.stack([np.convolve(row, kernel, "valid") for row in padded]).astype(np.float32)


def _turned_over(bars: str) -> str:
    return "".join("0" if bar == "1" else "1" for bar in bars)


def sampled(line: Floats, places: Floats) -> Floats:
    """The line at the cells of codes that begin and end at `places`[:, 0] and [:, 1], bent by [:, 2] and [:, 3].

    Dark is positive; mean 0, root mean square 1 over each.
    """
    t = (_AT / _MODULES).astype(np.float32)[None]
    x0, x1, bend, twist = (places[:, i : i + 1].astype(np.float32) for i in range(4))
    u = t + t * (1 - t) * (bend + twist * (2 * t - 1))
    x = np.clip(x0 + (x1 - x0) * u, 0, len(line) - 1.01)
    i = x.astype(np.int32)
    share = x - i
    values = -(line[i] * (1 - share) + line[i + 1] * share)
    values -= values.mean(axis=1, keepdims=True)
    return np.asarray(values / np.sqrt(np.square(values).mean(axis=1, keepdims=True) + 1e-6), np.float32)


def _costs(y: Floats, blurred: _Blurred) -> tuple[Floats, Floats]:
    """Of each digit at each slot, float32[n, 12, 20]: how much it adds to the squared error; and of each pair."""
    gain = 1 / blurred.scale
    seen = np.einsum("nt,ict->nic", y, blurred.digits, optimize=True)
    alone = gain * gain * (blurred.size + 2 * blurred.with_guards) - 2 * gain * seen
    return np.asarray(alone, np.float32), np.asarray(2 * gain * gain * blurred.pairs, np.float32)


def _expected(blurred: _Blurred) -> Floats:
    """What each digit costs whatever the line, float32[12, 20], neighbours taken to be mean digits."""
    gain = 1 / blurred.scale
    expected = blurred.size + 2 * blurred.with_guards
    expected[1:] += 2 * blurred.pairs[:, :10].mean(axis=1)
    expected[:-1] += 2 * blurred.pairs[:, :, :10].mean(axis=2)
    return np.asarray(gain * gain * expected, np.float32)


def _rough(y: Floats, blurred: _Blurred) -> tuple[Floats, npt.NDArray[np.intp]]:
    """The squared error of the best digits, of set A alone and of both, float32[n, 2]; and those, intp[n, 12]."""
    gain = 2 / blurred.scale
    costs = _expected(blurred) - gain * (y @ blurred.digits.reshape(240, -1).T).reshape(len(y), 12, 20)
    guards = gain * (y @ blurred.guards)
    one, both = costs[:, :, :10].min(axis=2).sum(axis=1), costs.min(axis=2).sum(axis=1)
    return np.stack([one - guards, both - guards], axis=1), costs.argmin(axis=2)


def _best(alone: Floats, together: Floats, first: int, banned: tuple[int, int] | None = None) -> str:
    """The thirteen digits of least cost that begin with `first` and end with their check digit; `banned`: slot and digit."""
    sets = [*(10 if one == "B" else 0 for one in _FIRST_DIGIT[first]), *[0] * 6]
    cost = np.full((10, 10), np.inf, np.float32)  # [digit, sum modulo 10]
    back: list[npt.NDArray[np.intp]] = []
    tens = np.arange(10)
    for slot, offset in enumerate(sets):
        own = alone[slot, offset : offset + 10].copy()
        if banned is not None and banned[0] == slot:
            own[banned[1]] = np.inf
        weight = 3 if slot % 2 == 0 else 1
        if slot == 0:
            cost[tens, (first + weight * tens) % 10] = own
            continue
        before = sets[slot - 1]
        steps = cost[:, None, :] + together[slot - 1, before : before + 10, offset : offset + 10][:, :, None]
        chosen = steps.argmin(axis=0)  # [digit, sum before]
        reached = np.take_along_axis(steps, chosen[None], axis=0)[0] + own[:, None]
        sums = (tens[None, :] - weight * tens[:, None]) % 10  # the sum before that leads to each sum
        cost = np.take_along_axis(reached, sums, axis=1)
        back.append(np.take_along_axis(chosen, sums, axis=1))
    digit, total = int(cost[:, 0].argmin()), 0
    found = [digit]
    for slot in range(11, 0, -1):
        before = int(back[slot - 1][digit, total])
        total = (total - (3 if slot % 2 == 0 else 1) * digit) % 10
        digit = before
        found.append(digit)
    return f"{first}{''.join(map(str, reversed(found)))}"


def _picture(digits: str, blurred: _Blurred) -> Floats:
    first = int(digits[0])
    seen = blurred.guards.copy()
    for slot in range(12):
        offset = 10 if slot < 6 and _FIRST_DIGIT[first][slot] == "B" else 0
        seen += blurred.digits[slot, offset + int(digits[slot + 1])]
    return seen


def _even(y: Floats) -> Floats:
    """Without what changes slower than a digit and a half: light, and how the line was evened out."""
    width = 12 * _CELLS
    sums = np.cumsum(np.pad(y, ((0, 0), (width // 2 + 1, width - width // 2 - 1)), mode="edge"), axis=1)
    means = (sums[:, width:] - sums[:, :-width]) / width
    apart = y[:, : means.shape[1]] - means
    apart = apart[:, 2 * _CELLS : -2 * _CELLS]
    return np.asarray(apart - apart.mean(axis=1, keepdims=True), np.float32)


def _alike(y: Floats, picture: Floats) -> Floats:
    a, b = _even(y), _even(picture[None])[0]
    return np.asarray(
        a @ b / np.maximum(np.linalg.norm(a, axis=1) * float(np.linalg.norm(b)), 1e-6), np.float32
    )


@dataclass(frozen=True, slots=True)
class Guess:
    """Thirteen digits at a place with a blur (radius in modules), and how much they resemble the line (correlation).

    `place`: float32[4], where in the line the code begins and ends, and how it is bent and twisted.
    """

    alike: float
    digits: str
    place: Floats
    radius: float


def begun(line: Floats, start: float, end: float) -> list[Guess]:
    """Guesses for a code between about `start` and `end`, best first; 0.1 s of CPU. Light is positive."""
    module = (end - start) / _MODULES
    off = _OFF * module
    grid = np.meshgrid(start + off, end + off, _BENDS, [0.0], indexing="ij")
    places = np.stack([one.ravel() for one in grid], axis=1).astype(np.float32)
    y = sampled(line, places)
    guesses: list[Guess] = []
    for radius in _BLURS:
        rough, likely = _rough(y, _blurred(radius))
        for i in np.argsort(rough[:, 0])[:_BEGINNINGS]:
            guesses += _guess(y[i], places[i], radius, (0,))
        for i in np.argsort(rough[:, 1])[:_BEGINNINGS_OF_BOTH_SETS]:
            sets = "".join("B" if one >= 10 else "A" for one in likely[i, :6].tolist())
            guesses += _guess(y[i], places[i], radius, _firsts_near(sets))
    return _best_first(guesses)


def refined(line: Floats, guesses: list[Guess]) -> Guess:
    """The best of these after their places, blurs and digits were improved in turn."""
    best = guesses[:10]
    module = float(best[0].place[1] - best[0].place[0]) / _MODULES
    step = _STEP * np.array([module, module, 1, 1], np.float32)
    rng = np.random.default_rng(7)
    for _ in range(_ROUNDS):
        moved = _best_first([_moved(line, one, step, rng) for one in best])[:5]
        other = [
            better
            for one in moved
            for better in _guess(
                sampled(line, one.place[None])[0], one.place, one.radius, (int(one.digits[0]),)
            )
        ]
        best = _best_first([*moved, *other])[:4]
        step *= 0.75
    return _climbed(line, best[0], step)


def _climbed(line: Floats, one: Guess, step: Floats) -> Guess:
    """Other digits at the same place while they resemble the line more: the squared error knew no uneven light."""
    rng = np.random.default_rng(7)
    for _ in range(_CLIMBS):
        other = _next_best(line, one)
        if other.alike <= one.alike:
            break
        one = _moved(line, other, step, rng)
    return one


def seen_again(line: Floats, one: Guess) -> tuple[Guess, float]:
    """The same digits in another line of the photo, and ln of how many times more the next best code leaves unexplained."""
    module = float(one.place[1] - one.place[0]) / _MODULES
    step = _STEP * np.array([module, module, 1, 1], np.float32)
    rng = np.random.default_rng(7)
    for _ in range(5):
        one = _moved(line, one, step, rng)
        step *= 0.6
    return one, lead(one.alike, _next_best(line, one).alike)


def decided(line: Floats, one: Guess) -> Guess:
    """The best digits of another line, beginning at the place of a guess."""
    y = sampled(line, one.place[None])[0]
    return refined(line, _best_first([*_guess(y, one.place, one.radius, (int(one.digits[0]),)), one]))


def lead(alike: float, other: float) -> float:
    """ln of how many times more of a line the `other` leaves unexplained, of two correlations with it."""
    return math.log(max(1 - other**2, 1e-6) / max(1 - alike**2, 1e-6))


def _guess(y: Floats, place: Floats, radius: float, firsts: Iterable[int]) -> list[Guess]:
    """The best digits for a line sampled at a place, float32[t], for each first digit."""
    blurred = _blurred(radius)
    alone, together = _costs(y[None], blurred)
    found: list[Guess] = []
    for first in firsts:
        digits = _best(alone[0], together, first)
        found.append(Guess(float(_alike(y[None], _picture(digits, blurred))[0]), digits, place, radius))
    return found


def _moved(line: Floats, one: Guess, step: Floats, rng: np.random.Generator) -> Guess:
    """The same digits where they resemble the line most, of some places near and three blurs."""
    places = (one.place + rng.normal(0, 1, (50, 4)) * step).astype(np.float32)
    places[0] = one.place
    y = sampled(line, places)
    found = [one]
    for share in (0.87, 1.0, 1.15):
        radius = round(min(max(one.radius * share, _SHARPEST), _SOFTEST), 1)
        scores = _alike(y, _picture(one.digits, _blurred(radius)))
        i = int(scores.argmax())
        found.append(Guess(float(scores[i]), one.digits, places[i], radius))
    return max(found[1:], key=lambda guess: guess.alike)


def _next_best(line: Floats, one: Guess) -> Guess:
    """The best other code at the same place."""
    y = sampled(line, one.place[None])
    blurred = _blurred(one.radius)
    alone, together = _costs(y, blurred)
    first = int(one.digits[0])
    others = [_best(alone[0], together, first, (i, int(one.digits[i + 1]))) for i in range(12)]
    others += [_best(alone[0], together, other) for other in range(10) if other != first]
    found = [
        Guess(float(_alike(y, _picture(digits, blurred))[0]), digits, one.place, one.radius)
        for digits in dict.fromkeys(others)
    ]
    return max(found, key=lambda guess: guess.alike)


def _firsts_near(sets: str) -> list[int]:
    """First digits whose sets differ from these in one digit at most."""
    return [
        i for i, one in enumerate(_FIRST_DIGIT) if sum(a != b for a, b in zip(sets, one, strict=True)) <= 1
    ]


def _best_first(guesses: Iterable[Guess]) -> list[Guess]:
    return sorted(guesses, key=lambda one: -one.alike)
