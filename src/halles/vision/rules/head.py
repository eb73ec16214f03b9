"""What a shop learns from its own labelled photos: a linear head over the plain vectors.

Photos of one product in one shop differ by light, angle and hands; the head learns to look past that. It is ridge
regression onto the products (Hoerl and Kennedy, Technometrics 1970): of the unit vectors seen from their mean, it
finds the weights whose answer is 1 for the photo's own product and 0 for the others, small weights preferred. With five
photos a product it is far ahead of the nearest photo already, and it takes seconds to learn. It belongs to the shop that
taught it: of products it never saw it says no more than "another one", so it is fused with the plain vectors and never
takes their place.

    head = learn(vectors, labels)      # float32[n, d] as embedded, n product ids; None while there is too little
    head.look(vector)                  # ln P(product) of each taught product, and of "another one"
    unpacked(packed(head))             # how it is kept
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from halles.vision.rules.centring import unit
from halles.vision.types import Vector, Vectors

LEAST_PRODUCTS = 2
LEAST_PHOTOS = 8
"""Photos in all: of fewer, their mean says more about them than about the shop."""

RIDGE = 0.1
"""How strongly small weights are preferred; photos are unit vectors, so it means the same for every shop."""

_ALIKE = 0.1
"""What photos are taken to have in common besides their mean: lets every product have a level of its own."""

_NATS = 16.0
"""The head's answers, near 0 or 1, times this are nats: where left-out photos were likeliest."""

_ANOTHER = 0.3
"""The answer below which "another one" is likelier than any taught product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """ln P of each taught product, `another`: of all that were not taught, together."""

    products: dict[UUID, float]
    another: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """`products` are what it can tell apart. `mean`: float32[d] of the photos that taught it, `photos` of them.

    A vector v is answered with unit(v − mean) · `weights` (float32[d, k]) + `levels` (float32[k]).
    """

    products: tuple[UUID, ...]
    mean: Vector
    weights: Vectors
    levels: Vector
    photos: int

    def look(self, photo: Vector) -> Opinion:
        """What it thinks of a vector, as the embedder gives it."""
        answers = unit(photo - self.mean) @ self.weights + self.levels
        nats = np.append(answers, np.float32(_ANOTHER)).astype(np.float64) * _NATS
        nats -= nats.max()
        nats -= np.log(np.exp(nats).sum())
        return Opinion(
            products=dict(zip(self.products, nats[:-1].tolist(), strict=True)), another=float(nats[-1])
        )


def learn(vectors: Vectors, labels: Sequence[UUID]) -> Head | None:
    """The head of these labelled photos; None while there are fewer than two products or eight photos.

    `vectors`: float32[n, d], as embedded. The same photos give the same head. 2,640 photos of 81 products, 5,080 numbers
    each: 4 s of CPU; beyond n = d the time no longer grows with the cube of n.
    """
    products = sorted(set(labels), key=lambda one: one.int)
    if len(products) < LEAST_PRODUCTS or len(labels) < LEAST_PHOTOS:
        return None
    place = {one: i for i, one in enumerate(products)}
    which = np.array([place[one] for one in labels])
    photos = np.asarray(vectors, np.float32)
    mean = np.asarray(photos.mean(axis=0), np.float32)
    seen = unit(photos - mean)
    wanted = np.zeros((len(seen), len(products)), np.float32)
    wanted[np.arange(len(seen)), which] = 1.0
    wanted -= np.float32(1 / len(products))
    alike = np.full((len(seen), 1), np.sqrt(_ALIKE), np.float32)
    weights = _ridge(np.concatenate([seen, alike], axis=1), wanted)
    return Head(
        products=tuple(products),
        mean=mean,
        weights=np.ascontiguousarray(weights[:-1]),
        levels=np.asarray(weights[-1] * np.sqrt(_ALIKE) + 1 / len(products), np.float32),
        photos=len(seen),
    )


def _ridge(x: Vectors, y: Vectors) -> Vectors:
    """argmin |x w − y|² + RIDGE |w|²: in the smaller of the two equivalent forms."""
    if len(x) <= x.shape[1]:
        alike = x @ x.T
        alike[np.diag_indices_from(alike)] += np.float32(RIDGE)
        return np.asarray(x.T @ np.linalg.solve(alike, y), np.float32)
    spread = x.T @ x
    spread[np.diag_indices_from(spread)] += np.float32(RIDGE)
    return np.asarray(np.linalg.solve(spread, x.T @ y), np.float32)


def packed(head: Head) -> bytes:
    """A head as bytes: a NumPy archive without pickles, weights as float16; about 1 MB for 81 products."""
    file = io.BytesIO()
    np.savez(
        file,
        products=np.frombuffer(b"".join(one.bytes for one in head.products), np.uint8),
        mean=head.mean,
        weights=head.weights.astype(np.float16),
        levels=head.levels,
        photos=np.array(head.photos),
    )
    return file.getvalue()


def unpacked(data: bytes) -> Head:
    """What `packed` made. Raises ValueError, KeyError or OSError for anything else."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        ids = bytes(file["products"].tobytes())
        return Head(
            products=tuple(UUID(bytes=ids[i : i + 16]) for i in range(0, len(ids), 16)),
            mean=np.asarray(file["mean"], np.float32),
            weights=np.asarray(file["weights"], np.float32),
            levels=np.asarray(file["levels"], np.float32),
            photos=int(file["photos"]),
        )
