"""Roughly where somebody is, from a country and a postcode: near enough to tell the nearer of two warehouses.

France by its departments (the first two digits of a postcode stand at its prefecture), every other country at its capital; in
tenths of a degree, WGS 84. Distances are great circles on a sphere of the mean radius (IUGG: 6,371.0 km), by the haversine
formula.
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

Point = tuple[float, float]
"""Latitude and longitude in degrees."""

_RADIUS_KM = 6371.0

_FRANCE = """01 46.2 5.2 02 49.6 3.6 03 46.6 3.3 04 44.1 6.2 05 44.6 6.1 06 43.7 7.3 07 44.7 4.6 08 49.8 4.7 09 43.0 1.6
10 48.3 4.1 11 43.2 2.4 12 44.4 2.6 13 43.3 5.4 14 49.2 -0.4 15 44.9 2.4 16 45.6 0.2 17 46.2 -1.2 18 47.1 2.4 19 45.3 1.8
20 42.2 9.1 21 47.3 5.0 22 48.5 -2.8 23 46.2 1.9 24 45.2 0.7 25 47.2 6.0 26 44.9 4.9 27 49.0 1.2 28 48.4 1.5 29 48.0 -4.1
30 43.8 4.4 31 43.6 1.4 32 43.6 0.6 33 44.8 -0.6 34 43.6 3.9 35 48.1 -1.7 36 46.8 1.7 37 47.4 0.7 38 45.2 5.7 39 46.7 5.6
40 43.9 -0.5 41 47.6 1.3 42 45.4 4.4 43 45.0 3.9 44 47.2 -1.6 45 47.9 1.9 46 44.4 1.4 47 44.2 0.6 48 44.5 3.5
49 47.5 -0.6 50 49.1 -1.1 51 49.0 4.4 52 48.1 5.1 53 48.1 -0.8 54 48.7 6.2 55 48.8 5.2 56 47.7 -2.8 57 49.1 6.2 58 47.0 3.2
59 50.6 3.1 60 49.4 2.1 61 48.4 0.1 62 50.3 2.8 63 45.8 3.1 64 43.3 -0.4 65 43.2 0.1 66 42.7 2.9 67 48.6 7.8 68 48.1 7.4
69 45.8 4.8 70 47.6 6.2 71 46.3 4.8 72 48.0 0.2 73 45.6 5.9 74 45.9 6.1 75 48.9 2.4 76 49.4 1.1 77 48.5 2.7 78 48.8 2.1
79 46.3 -0.5 80 49.9 2.3 81 43.9 2.1 82 44.0 1.4 83 43.1 5.9 84 43.9 4.8 85 46.7 -1.4 86 46.6 0.3 87 45.8 1.3 88 48.2 6.4
89 47.8 3.6 90 47.6 6.9 91 48.6 2.4 92 48.9 2.2 93 48.9 2.4 94 48.8 2.5 95 49.0 2.1"""
_CAPITALS = """FR 48.9 2.4 BE 50.8 4.4 NL 52.4 4.9 LU 49.6 6.1 DE 52.5 13.4 CH 46.9 7.4 AT 48.2 16.4 IT 41.9 12.5 ES 40.4 -3.7
PT 38.7 -9.1 GB 51.5 -0.1 IE 53.3 -6.3 DK 55.7 12.6 SE 59.3 18.1 NO 59.9 10.8 FI 60.2 24.9 PL 52.2 21.0 CZ 50.1 14.4
SK 48.1 17.1 HU 47.5 19.0 SI 46.1 14.5 HR 45.8 16.0 RO 44.4 26.1 BG 42.7 23.3 GR 38.0 23.7 CY 35.2 33.4 MT 35.9 14.5
EE 59.4 24.8 LV 56.9 24.1 LT 54.7 25.3 MC 43.7 7.4 TR 39.9 32.9 MA 34.0 -6.8 TN 36.8 10.2 CN 39.9 116.4 HK 22.3 114.2
TW 25.0 121.6 JP 35.7 139.7 KR 37.6 127.0 SG 1.3 103.8 IN 28.6 77.2 VN 21.0 105.9 TH 13.8 100.5 US 38.9 -77.0 CA 45.4 -75.7
BR -15.8 -47.9 AU -35.3 149.1 AE 24.5 54.4"""


def _table(text: str) -> dict[str, Point]:
    words = text.split()
    return {name: (float(north), float(east)) for name, north, east in zip(*[iter(words)] * 3, strict=True)}


_BY_DEPARTMENT, _BY_COUNTRY = _table(_FRANCE), _table(_CAPITALS)


def point_of(country: str, postcode: str | None = None) -> Point | None:
    """The point that stands for a postcode, else for a country (ISO 3166-1 alpha-2); None where nothing is known."""
    if country == "FR" and postcode:
        found = _BY_DEPARTMENT.get(postcode.strip()[:2])
        if found is not None:
            return found
    return _BY_COUNTRY.get(country)


def distance_km(one: Point | None, other: Point | None) -> float | None:
    """Along the great circle; None when either is unknown."""
    if one is None or other is None:
        return None
    north, east = radians(other[0] - one[0]), radians(other[1] - one[1])
    half = sin(north / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(east / 2) ** 2
    return 2 * _RADIUS_KM * asin(sqrt(min(1.0, half)))
