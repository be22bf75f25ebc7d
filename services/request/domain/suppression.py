"""Counts that may be published: small ones are pooled, and no sum of what is published gives them back."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

SMALLEST = 5
"""A count below this could be about somebody people know."""

Cell = tuple[str, ...]
"""Where a count belongs, the widest part first: area, reason, hour of the week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A count of one cell, or of several of them together: `place` says what they have in common.

    A place shorter than a whole cell stands for all cells in it that no other row is about, those without any case
    included: nobody can tell how many have one, or which.
    """

    place: Cell
    count: int


def publish(counts: Mapping[Cell, int]) -> list[Published]:
    """Every case in exactly one published count of five or more, or in none at all.

    A count below five is pooled with the other small ones of its place; a pool that is still below five goes one place
    wider. What is below five at the widest place is not published. Every total is a sum of these rows, so that no total
    tells what the rows don't: nothing has to be hidden besides the small counts themselves.
    """
    rows, _ = _publish((), {cell: count for cell, count in counts.items() if count > 0})
    return sorted(rows, key=lambda row: row.place)


def _publish(place: Cell, counts: Mapping[Cell, int]) -> tuple[list[Published], int]:
    """The rows of a place, and how many cases are left for a wider one."""
    if place in counts:
        count = counts[place]
        return ([Published(place=place, count=count)], 0) if count >= SMALLEST else ([], count)
    inner: defaultdict[Cell, dict[Cell, int]] = defaultdict(dict)
    for cell, count in counts.items():
        inner[cell[: len(place) + 1]][cell] = count
    rows: list[Published] = []
    pool = 0
    for narrower in sorted(inner):
        found, left = _publish(narrower, inner[narrower])
        rows += found
        pool += left
    if pool >= SMALLEST:
        return [*rows, Published(place=place, count=pool)], 0
    return rows, pool
