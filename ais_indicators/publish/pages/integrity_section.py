"""Section on chokepoints and integrity: what was restricted or closed, and where positions were false.

A quiet week has one sentence. Suppressed numbers are reported as suppressed, never omitted without notice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from ais_indicators.publish.pages.catalogue import Catalogue
from ais_indicators.publish.pages.figures import ALL, SUPPRESSED
from ais_indicators.publish.pages.integrity_map import Mark, draw_integrity
from ais_indicators.publish.pages.model import BulletinData, Integrity
from ais_indicators.publish.pages.sections import gate_name

MOST_AREAS: Final = 5
MOST_PLACES: Final = 5
WORSE: Final = ("closed", "restricted")
"""Statuses to report, most serious first."""

REASONS: Final = ("vessels_dark", "interference", "jamming")
"""Reasons of a mark that come from senders, in reporting order."""


@dataclass(frozen=True)
class IntegritySection:
    """Content of the section.

    Attributes:
        sentences: Its sentences, those on chokepoints first.
        svg: The map; empty in a quiet week.
        title: Title of the map.
        statuses: Statuses on the map, for its key.
        has_areas: Whether interfered areas are on the map.
    """

    sentences: list[str]
    svg: str
    title: str
    statuses: Sequence[str]
    has_areas: bool


def integrity_section(words: Catalogue, data: BulletinData) -> IntegritySection | None:
    """Writes the section; None for a release of an earlier build, which has no integrity data."""
    found = data.integrity
    if found is None:
        return None
    said = [*_changed_chokepoints(words, data, found), *_marked_values(words, data)]
    said += [*_dark_vessels(words, found, is_marked=bool(said)), *_areas(words, found)]
    if not said:
        return IntegritySection([_quiet_sentence(words, found)], "", "", [], has_areas=False)
    said += _unknown_chokepoints(words, found)
    title = words.text("Chokepoints and false positions, %(week)s", week=words.week(data.release.week))
    marks = _marks(found)
    svg = draw_integrity(marks, title, _alternative(words, found)) if marks else ""
    statuses = [status for status in (*WORSE, "open", "not_known") if status in {m.kind for m in marks}]
    return IntegritySection(said, svg, title, statuses, found.interference.height > 0)


def _quiet_sentence(words: Catalogue, found: Integrity) -> str:
    known = found.status.filter(pl.col("chokepoint_status") != "not_known").height
    if not known:
        return words.text(
            "The status of no chokepoint is known; no value is marked for dark ships or false positions."
        )
    return words.plural(
        "%(number)s chokepoint has a known status, and it was open; "
        "no value is marked for dark ships or false positions.",
        "%(number)s chokepoints have a known status, and all were open; "
        "no value is marked for dark ships or false positions.",
        known,
    )


def _changed_chokepoints(words: Catalogue, data: BulletinData, found: Integrity) -> list[str]:
    """Writes one sentence per chokepoint that was closed or restricted."""
    return [
        _chokepoint_sentence(words, gate_name(words, data, row["gate_code"]), row)
        for status in WORSE
        for row in found.status.filter(chokepoint_status=status).iter_rows(named=True)
    ]


def _chokepoint_sentence(words: Catalogue, place: str, row: dict[str, object]) -> str:
    status = words.name("chokepoint_status", str(row["chokepoint_status"]))
    observed, usual, low, high = (
        row[name]
        for name in ("observed_transits", "usual_transits", "usual_transits_low", "usual_transits_high")
    )
    if observed is None:
        return words.text(
            "%(place)s: %(status)s; the number of transits is suppressed.", place=place, status=status
        )
    number = words.number(float(str(observed)))
    if usual is None or low is None or high is None:
        return words.text(
            "%(place)s: %(status)s, with %(observed)s transits.", place=place, status=status, observed=number
        )
    return words.text(
        "%(place)s: %(status)s, with %(observed)s transits; a usual week has %(usual)s (95 %% interval %(interval)s).",
        place=place,
        status=status,
        observed=number,
        usual=words.number(float(str(usual))),
        interval=words.interval(float(str(low)), float(str(high)), "transits"),
    )


def _unknown_chokepoints(words: Catalogue, found: Integrity) -> list[str]:
    """Reports for how many chokepoints the status is not known, and why."""
    unknown = found.status.filter(chokepoint_status="not_known")
    if not unknown.height:
        return []
    counts = Counter(unknown["status_reason"].drop_nulls().to_list())
    reasons = "; ".join(
        f"{words.name('status_reason', reason)} {words.number(number)}"
        for reason, number in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    )
    return [
        words.plural(
            "The status of %(number)s chokepoint is not known (%(reasons)s).",
            "The status of %(number)s chokepoints is not known (%(reasons)s).",
            unknown.height,
            reasons=reasons,
        )
    ]


def _marked_values(words: Catalogue, data: BulletinData) -> list[str]:
    """Reports at which places values are marked, by reason."""
    week = data.release.week
    is_marked = pl.col("status_reason").is_in(REASONS) & (pl.col("week") == week)
    ports = data.activity.filter(is_marked, pl.col("port_locode") != ALL).select(
        "status_reason", "port_locode"
    )
    gates = data.transits.filter(is_marked).select("status_reason", "gate_code")
    said = []
    for reason in REASONS:
        codes = ports.filter(status_reason=reason)["port_locode"].unique().sort().to_list()
        names = [data.places[code].name if code in data.places else code for code in codes]
        names += [
            gate_name(words, data, code)
            for code in gates.filter(status_reason=reason)["gate_code"].unique().sort().to_list()
        ]
        if names:
            said.append(_marked_sentence(words, reason, names))
    return said


def _marked_sentence(words: Catalogue, reason: str, names: list[str]) -> str:
    more = len(names) - MOST_PLACES
    places = ", ".join(names[:MOST_PLACES])
    if more > 0:
        places = words.text("%(places)s and %(number)s more", places=places, number=words.number(more))
    return words.text(
        "Values are marked as of low reliability at %(places)s: %(reason)s.",
        places=places,
        reason=words.name("status_reason", reason),
    )


def _dark_vessels(words: Catalogue, found: Integrity, *, is_marked: bool) -> list[str]:
    """Reports how many vessels went dark, if the week has other reports: some always do."""
    for row in found.dark.filter(region_code=ALL).iter_rows(named=True) if is_marked else ():
        if row["dark_vessels"]:
            return [
                words.text(
                    "%(vessels)s ships went dark where other ships were received, for %(hours)s ship hours.",
                    vessels=words.number(row["dark_vessels"]),
                    hours=words.number(row["silent_vessel_hours"] or 0.0),
                )
            ]
    return []


def _areas(words: Catalogue, found: Integrity) -> list[str]:
    """Writes one sentence per area, those with most vessel-hours first."""
    shown = found.interference.filter(pl.col("obs_status") != SUPPRESSED).sort(
        "vessel_hours", "area_code", "kind", descending=[True, False, False]
    )
    said = [
        words.text(
            "%(kind)s near %(position)s: %(vessels)s ships, %(hours)s ship hours.",
            kind=words.name("interference_kind", row["kind"]),
            position=position(words, row["latitude"], row["longitude"]),
            vessels=words.number(row["vessels"]),
            hours=words.number(row["vessel_hours"]),
        )
        for row in shown.head(MOST_AREAS).iter_rows(named=True)
    ]
    held = found.interference.height - shown.height
    if shown.height > MOST_AREAS:
        more = shown.height - MOST_AREAS
        said.append(
            words.plural(
                "%(number)s more area is in the data files of the release.",
                "%(number)s more areas are in the data files of the release.",
                more,
            )
        )
    if held:
        said.append(
            words.plural(
                "The numbers of %(number)s further area are suppressed, because few ships were affected.",
                "The numbers of %(number)s further areas are suppressed, because few ships were affected.",
                held,
            )
        )
    return said


def position(words: Catalogue, latitude: float, longitude: float) -> str:
    """Formats a place in degrees: 26.5° N, 56.3° E."""
    north, east = words.number(abs(latitude), 1), words.number(abs(longitude), 1)
    first = (
        words.text("%(degrees)s° N", degrees=north)
        if latitude >= 0
        else words.text("%(degrees)s° S", degrees=north)
    )
    second = (
        words.text("%(degrees)s° E", degrees=east)
        if longitude >= 0
        else words.text("%(degrees)s° W", degrees=east)
    )
    return f"{first}, {second}"


def _marks(found: Integrity) -> list[Mark]:
    """Lists the symbols of the map: chokepoints by status, then areas by their vessels."""
    marks = [
        Mark(row["chokepoint_status"], *found.gate_centres[row["gate_code"]])
        for row in found.status.iter_rows(named=True)
        if row["gate_code"] in found.gate_centres
    ]
    columns = ("latitude", "longitude", "vessels")
    return marks + [Mark("area", *of) for of in found.interference.select(columns).iter_rows()]


def _alternative(words: Catalogue, found: Integrity) -> str:
    counts = Counter(found.status["chokepoint_status"].to_list())
    return words.text(
        "Map of %(number)s chokepoints, %(closed)s closed and %(restricted)s restricted, and of %(areas)s areas with "
        "false or lost positions.",
        number=words.number(found.status.height),
        closed=words.number(counts["closed"]),
        restricted=words.number(counts["restricted"]),
        areas=words.number(found.interference.height),
    )
