"""One coordinate of a moving person: a Kalman filter with a steady speed (Kalman 1960).

Coordinates are filtered one by one: with diagonal noise the eight-dimensional filter of SORT (Bewley et al. 2016) and ByteTrack
(Zhang et al. 2022) falls apart into four of these. Time is in seconds, so that dropped pictures change nothing in the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """Pixels and pixels a second, with their variances and covariance."""

    value: float
    speed: float
    variance: float
    covariance: float
    speed_variance: float


def begun(value: float, noise: float, speed_noise: float) -> Motion:
    """Seen for the first time; both noises are standard deviations."""
    return Motion(value=value, speed=0.0, variance=noise**2, covariance=0.0, speed_variance=speed_noise**2)


def moved(motion: Motion, seconds: float, acceleration: float) -> Motion:
    """Where it is `seconds` later, if it is accelerated at random with this standard deviation (pixels a second²)."""
    t, q = seconds, acceleration**2
    return Motion(
        value=motion.value + t * motion.speed,
        speed=motion.speed,
        variance=motion.variance + 2 * t * motion.covariance + t**2 * motion.speed_variance + q * t**4 / 4,
        covariance=motion.covariance + t * motion.speed_variance + q * t**3 / 2,
        speed_variance=motion.speed_variance + q * t**2,
    )


def measured(motion: Motion, value: float, noise: float) -> Motion:
    """After a measurement with this standard deviation, which is above zero."""
    total = motion.variance + noise**2
    gain, speed_gain = motion.variance / total, motion.covariance / total
    off = value - motion.value
    return Motion(
        value=motion.value + gain * off,
        speed=motion.speed + speed_gain * off,
        variance=(1 - gain) * motion.variance,
        covariance=(1 - gain) * motion.covariance,
        speed_variance=motion.speed_variance - speed_gain * motion.covariance,
    )
