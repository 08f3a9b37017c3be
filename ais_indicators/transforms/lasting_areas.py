"""Remembers where vessels were found to be shown on the earlier days of a week: a cluster lasts (methodology 8)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from h3.api import basic_int as h3

from ais_indicators.rules import Rules
from ais_indicators.transforms.crowded_areas import CrowdedArea, connected_areas, crowded_cells

Place = tuple[int, int]
"""MMSI of a vessel and the H3 cell in which it is shown."""


class FoundPlaces:
    """Where vessels were found to be shown falsely on the days of one week so far.

    It starts empty with each week, so that a week depends on the weeks before by what the fold carries alone.
    """

    def __init__(self) -> None:
        self._kinds: dict[Place, int] = {}
        self._began: dict[int, int] = {}

    def add(self, place: Place, kind: int, began: int) -> None:
        """Takes a place with the number of its kind, of which the first stays, and when it began to be shown there."""
        self._kinds.setdefault(place, kind)
        self._began[place[1]] = min(began, self._began.get(place[1], began))

    def found_again(self, places: Iterable[Place]) -> dict[Place, int]:
        """Returns those places at which, or next to which, the same vessel was found before, with the kind."""
        again = {}
        for mmsi, cell in places:
            kinds = [self._kinds[mmsi, near] for near in h3.grid_disk(cell, 1) if (mmsi, near) in self._kinds]
            if kinds:
                again[mmsi, cell] = min(kinds)
        return again

    def first_second(self, area: CrowdedArea) -> int:
        """Returns when the first vessel was shown in an area in which some were found."""
        return min(self._began[cell] for cell in area.cells & self._began.keys())


def lasting_areas(again: dict[Place, int], areas: Sequence[CrowdedArea], rules: Rules) -> list[CrowdedArea]:
    """Returns the areas outside others in which enough vessels are shown where they were found before.

    Args:
        again: Those vessels with their places and kinds.
        areas: The areas that are known already.
        rules: Rules of the lake's subject.
    """
    taken = {cell for area in areas for cell in area.cells}
    by_cell: dict[int, set[int]] = defaultdict(set)
    for mmsi, cell in again:
        if cell not in taken:
            by_cell[cell].add(mmsi)
    cells = crowded_cells(by_cell, rules.interference_min_vessels_again) - taken
    return [
        CrowdedArea(frozenset(of_area), min(kind for (_, cell), kind in again.items() if cell in of_area))
        for of_area in connected_areas(cells)
        if of_area & by_cell.keys()
    ]
