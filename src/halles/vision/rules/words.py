"""Text read on a package against what the catalogue says of its products.

Reading makes mistakes (`EKOLNGISK`), so words are compared by their trigrams: `milk` is ` mi`, `mil`, `ilk`, `lk `. A
trigram that few products have says more than one that all have (inverse document frequency, Spärck Jones 1972).
"""

from __future__ import annotations

import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

NAME_WEIGHT, DESCRIPTION_WEIGHT, PICTURE_WEIGHT = 1.0, 0.2, 1.0
"""How much a trigram counts where it stands: in the name, in the description, on the package in the catalogue picture."""

MOST_DESCRIPTION_WORDS = 60
_LEAST_LETTERS = 2
_ENOUGH = 30.0
"""Evidence from which text counts in full: about three rare words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductWords:
    """What is written about a product: its `name`, its `description`, and `package`, the text in its pictures."""

    name: str = ""
    description: str = ""
    package: str = ""


class WordIndex:
    """The words of a catalogue, findable by trigrams. `put` and `drop` cost as much as the product has words."""

    def __init__(self) -> None:
        self._weights: dict[UUID, dict[str, float]] = {}
        self._holders: dict[str, dict[UUID, float]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._weights)

    def put(self, product_id: UUID, words: ProductWords) -> None:
        """Takes a product in, or replaces what was written about it."""
        self.drop(product_id)
        weights = weighed(words)
        self._weights[product_id] = weights
        for gram, weight in weights.items():
            self._holders[gram][product_id] = weight

    def drop(self, product_id: UUID) -> None:
        """Forgets a product; nothing happens when it is not here."""
        for gram in self._weights.pop(product_id, {}):
            holders = self._holders[gram]
            del holders[product_id]
            if not holders:
                del self._holders[gram]

    def match(self, lines: Sequence[str]) -> Mapping[UUID, float]:
        """Which products the lines speak of: 0 to 1 each, the share of what was read that is written about it.

        Products that share nothing with the lines are absent. All are scaled down while little was read.
        """
        read = _distinct(gram for line in lines for word in words_of(line) for gram in grams(word))
        total = 0.0
        found: dict[UUID, float] = defaultdict(float)
        for gram in read:
            holders = self._holders.get(gram)
            if not holders:
                total += 0.5  # a letter misread, or a word the catalogue does not know
                continue
            rarity = math.log((len(self._weights) + 1) / (len(holders) + 0.5))
            total += max(rarity, 0.0)
            for product_id, weight in holders.items():
                found[product_id] += max(rarity, 0.0) * weight
        if not found:
            return {}
        scale = min(total / _ENOUGH, 1.0) / total if total else 0.0
        return {product_id: score * scale for product_id, score in found.items()}


def weighed(words: ProductWords) -> dict[str, float]:
    """The trigrams of a product, each with the highest weight of the places where it stands."""
    parts = (
        (words.description, DESCRIPTION_WEIGHT, MOST_DESCRIPTION_WORDS),
        (words.package, PICTURE_WEIGHT, 200),
        (words.name, NAME_WEIGHT, 100),
    )
    weights: dict[str, float] = {}
    for text, weight, most in parts:
        for word in words_of(text)[:most]:
            for gram in grams(word):
                weights[gram] = max(weights.get(gram, 0.0), weight)
    return weights


def words_of(text: str) -> list[str]:
    """Lower case, without accents, split where no letter or digit stands; single letters are left out."""
    plain = "".join(
        one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one)
    )
    words = "".join(one if one.isalnum() else " " for one in plain).split()
    return [word for word in words if len(word) >= _LEAST_LETTERS]


def grams(word: str) -> list[str]:
    """The trigrams of a word with a blank at each end."""
    padded = f" {word} "
    return [padded[i : i + 3] for i in range(len(padded) - 2)]


def _distinct(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))
