"""How features become comparable: power, unit length, and the mean of each domain taken away.

A shopper's photo and a catalogue picture of the same thing differ by what all photos share (light, hands, shelves)
and what all pictures share (white ground). Subtracting each domain's mean removes most of it: on 2,936 shop photos
against 81 catalogue pictures it lifts the first guess from 36 % to 42 %, the square root of the features (Arandjelović
and Zisserman, "Three things everyone should know to improve object retrieval", CVPR 2012) to 44 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from halles.vision.types import PhotoStatistics, Vector, Vectors

PRIOR_PHOTOS = 10
"""How many photos the start value counts for: with 30 photos known the gain of centring is nearly complete."""

PRIOR_PRODUCTS = 10
"""How many products the catalogue's mean must outweigh: that of six kinds of milk is mostly milk, which is what a photo
must be recognised by. Taken away in full, it made nine of ten such photos unrecognisable to a new shop."""

MEMORY_PHOTOS = 10_000
"""Beyond so many photos the mean forgets the oldest, so that it follows the seasons and the shop's new lamps."""

_SMALLEST_NORM = np.float32(1e-12)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoMean:
    """The running mean float32[d] of unit vectors of `photos` photos."""

    photos: int
    mean: Vector


def unit(vectors: Vectors) -> Vectors:
    """L2-normalised along the last axis; a zero vector stays zero. Works for float32[d] and float32[n, d]."""
    norm = np.sqrt(np.square(vectors).sum(axis=-1, keepdims=True))
    return np.asarray(vectors / np.maximum(norm, _SMALLEST_NORM), np.float32)


def powered(features: Vectors, power: float) -> Vectors:
    """Signed power of each feature, then unit length; power 1 leaves the direction, 0.5 is the square root."""
    if power == 1.0:
        return unit(features)
    return unit(np.sign(features) * np.power(np.abs(features), np.float32(power)))


def centred(vectors: Vectors, mean: Vector) -> Vectors:
    """Unit vectors seen from their domain's mean, unit length again."""
    return unit(vectors - mean)


def no_photos(dim: int) -> PhotoMean:
    """What is known of photos before the first one."""
    return PhotoMean(photos=0, mean=np.zeros(dim, np.float32))


def joined(one: PhotoMean, other: PhotoMean, memory: int = MEMORY_PHOTOS) -> PhotoMean:
    """Both means as one; the sum of their photos, at most `memory`. Joining nothing changes nothing."""
    total = one.photos + other.photos
    if total == 0:
        return one
    mean = (one.mean * np.float32(one.photos) + other.mean * np.float32(other.photos)) / np.float32(total)
    return PhotoMean(photos=min(total, memory), mean=np.asarray(mean, np.float32))


def assumed_mean(known: PhotoMean, start: Vector) -> Vector:
    """The mean to subtract from photos: what is known, pulled towards the start value while little is known."""
    return joined(PhotoMean(photos=PRIOR_PHOTOS, mean=start), known).mean


def catalogue_mean(pictures: Vectors, products: int) -> Vector:
    """The mean to subtract from catalogue pictures, float32[n, d] of `products` products: shorter when they are few."""
    share = np.float32(products / (products + PRIOR_PRODUCTS))
    return np.asarray(pictures.mean(axis=0) * share, np.float32)


def warmth(photos: int) -> float:
    """How far the photo mean may be trusted, 0 (nothing known) to 1."""
    return photos / (photos + PRIOR_PHOTOS)


def statistics_of(photos: PhotoMean) -> PhotoStatistics:
    """As the store keeps it: float32, little-endian."""
    return PhotoStatistics(photos=photos.photos, mean=photos.mean.astype("<f4").tobytes())


def mean_of(statistics: PhotoStatistics) -> PhotoMean:
    """As the store keeps it → as these rules use it."""
    return PhotoMean(photos=statistics.photos, mean=np.frombuffer(statistics.mean, "<f4").astype(np.float32))
