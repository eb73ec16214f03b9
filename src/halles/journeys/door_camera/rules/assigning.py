"""The cheapest pairing of rows with columns."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf


def pairs(costs: Sequence[Sequence[float]], limit: float) -> list[tuple[int, int]]:
    """(row, column), sorted, so that the sum of the costs is least where leaving a row or column alone costs `limit`.

    Only pairs that cost less than `limit` are given. `costs`: finite, all rows equally long. The Hungarian method by shortest
    augmenting paths (Kuhn 1955; Jonker and Volgenant 1987), O(rows² · columns).
    """
    if not costs or not costs[0]:
        return []
    if len(costs) > len(costs[0]):
        turned = [list(column) for column in zip(*costs, strict=True)]
        return sorted((row, column) for column, row in pairs(turned, limit))
    capped = [[min(cost, limit) for cost in row] for row in costs]
    owner = _solved(capped)
    found = [(row, column) for column, row in enumerate(owner) if row is not None]
    return sorted((row, column) for row, column in found if capped[row][column] < limit)


def _solved(costs: list[list[float]]) -> list[int | None]:
    """For each column the row that owns it; every row owns one. No more rows than columns."""
    columns = len(costs[0])
    owner: list[int | None] = [None] * columns
    of_row, of_column = [0.0] * len(costs), [0.0] * columns
    for start in range(len(costs)):
        distance, before = [inf] * columns, [-1] * columns
        done = [False] * columns
        row, last = start, -1
        while True:
            base = distance[last] if last >= 0 else 0.0
            for column in range(columns):
                length = base + costs[row][column] - of_row[row] - of_column[column]
                if not done[column] and length < distance[column]:
                    distance[column], before[column] = length, last
            last = min((c for c in range(columns) if not done[c]), key=distance.__getitem__)
            done[last] = True
            following = owner[last]
            if following is None:
                break
            row = following
        _repriced(costs, start, last, owner, distance, done, of_row, of_column)
        while last >= 0:
            ahead = before[last]
            owner[last] = start if ahead < 0 else owner[ahead]
            last = ahead
    return owner


def _repriced(
    costs: list[list[float]],
    start: int,
    end: int,
    owner: list[int | None],
    distance: list[float],
    done: list[bool],
    of_row: list[float],
    of_column: list[float],
) -> None:
    """Moves the prices so that every reduced cost stays at or above zero and is zero along the path that was found."""
    shortest = distance[end]
    of_row[start] += shortest
    for column, reached in enumerate(done):
        held = owner[column]
        if reached and column != end and held is not None:
            of_row[held] += shortest - distance[column]
            of_column[column] -= shortest - distance[column]
