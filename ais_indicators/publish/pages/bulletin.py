"""The weekly bulletin: one self-contained page."""

from collections import Counter
from typing import Any, Final

from ais_indicators.publish.pages.about_section import about_section
from ais_indicators.publish.pages.catalogue import Catalogue, open_catalogue
from ais_indicators.publish.pages.chart_section import bulletin_charts
from ais_indicators.publish.pages.figures import MISSING, as_counted
from ais_indicators.publish.pages.headline_section import headline_cards
from ais_indicators.publish.pages.integrity_map import SHAPES
from ais_indicators.publish.pages.integrity_section import integrity_section
from ais_indicators.publish.pages.main_points import main_points
from ais_indicators.publish.pages.map import SHADES, Map, draw_map
from ais_indicators.publish.pages.model import BulletinData
from ais_indicators.publish.pages.port_section import dots, hidden_ports, port_table, status_counts
from ais_indicators.publish.pages.render import render
from ais_indicators.publish.pages.sections import (
    coverage_table,
    disclosure_table,
    quality_table,
    revision_table,
    trade_table,
    transit_table,
    vintage_table,
)
from ais_indicators.rules import Rules

TEMPLATE: Final = "bulletin.html.j2"
WEEK_53: Final = "W53"


def bulletin_page(data: BulletinData, language: str, rules: Rules) -> str:
    """Renders the bulletin of a release as HTML: the same data give the same text.

    Args:
        data: Content of the bulletin.
        language: One of `catalogue.LANGUAGES`.
        rules: Rules of the lake's subject.

    Raises:
        WrongUseError: The pages are not available in the language.
    """
    words = open_catalogue(language, rules)
    usual = usual_status(data)
    values: dict[str, Any] = {
        "release": data.release,
        "points": main_points(words, data),
        "no_comparison": _no_comparison(words, data),
        "about": about_section(words, data),
        "usual_sentence": _usual_sentence(words, usual),
        "cards": headline_cards(words, data, usual),
        "charts": bulletin_charts(words, data),
        "ports": port_table(words, data, usual),
        "hidden_ports": hidden_ports(data),
        "transits": transit_table(words, data, usual),
        "integrity": integrity_section(words, data),
        "shapes": {kind: shape.format(size=7) for kind, shape in SHAPES.items()},
        "trade": trade_table(words, data, usual),
        "rules": rules.model_dump(include={"min_stop_minutes", "gap_hours", "revision_weeks"}),
        "is_week_53": data.release.week.endswith(WEEK_53),
        **_map_values(words, data),
        **_quality_values(words, data, usual),
    }
    return render(TEMPLATE, words, contents=_contents(words, values), **values)


def usual_status(data: BulletinData) -> str:
    """Returns the status of most values of the week, provisional or final; the page states it once."""
    rows = as_counted(data.activity).filter(week=data.release.week)
    counts = Counter(status for status in rows["obs_status"] if status in ("P", "A"))
    return max(counts, key=lambda status: (counts[status], status), default="P")


def _usual_sentence(words: Catalogue, usual: str) -> str:
    if usual == "P":
        return words.text("Unless a flag says otherwise, values are provisional.")
    return words.text("Unless a flag says otherwise, values are final.")


def _no_comparison(words: Catalogue, data: BulletinData) -> str:
    """States once which weeks are missing for comparison."""
    weeks = data.activity["week"].unique().to_list()
    lacking = [week for week in (data.release.week_before, data.release.year_before) if week not in weeks]
    if not lacking:
        return ""
    return words.plural(
        "%(weeks)s is not published, so nothing is compared with it.",
        "%(weeks)s are not published, so nothing is compared with them.",
        len(lacking),
        weeks=words.text("%(first)s and %(last)s", first=words.week(lacking[0]), last=words.week(lacking[1]))
        if len(lacking) > 1
        else words.week(lacking[0]),
    )


def _map_values(words: Catalogue, data: BulletinData) -> dict[str, Any]:
    week = words.week(data.release.week)
    places = dots(data)
    title = words.text("Ships at sea and in ports, %(week)s", week=week)
    largest = sorted((d for d in places if d.ships), key=lambda d: (-(d.ships or 0.0), d.name))[:3]
    alternative = words.text(
        "Map of %(ports)s ports; most ships were at %(largest)s.",
        ports=words.number(len(places)),
        largest=", ".join(dot.name for dot in largest) or words.text("none"),
    )
    drawn = draw_map(places, data.cells, title, alternative)
    return {
        "map": drawn,
        "map_title": title,
        "shades": SHADES,
        "cells_sentence": _cells_sentence(words, data, drawn),
    }


def _cells_sentence(words: Catalogue, data: BulletinData, drawn: Map | None) -> str:
    if not data.may_show_cells:
        return words.text(
            "Cells are not shown: this release is protected by disclosure control, which does not cover cells."
        )
    if drawn is None or drawn.resolution is None:
        return words.text("Cells are not shown: the lake no longer has them as of this release.")
    return words.text(
        "Hours that ships spent in H3 cells of resolution %(resolution)s, from the lake as of this release; cells "
        "are not part of the release.",
        resolution=drawn.resolution,
    )


def _quality_values(words: Catalogue, data: BulletinData, usual: str) -> dict[str, Any]:
    low_index = words.rules.coverage_low_index
    missing = {MISSING: words.text("without a value")}  # the page explains the mark "not available" once
    statuses = [
        (missing.get(code) or words.name("obs_status", code), number)
        for code, number in status_counts(data).items()
    ]
    return {
        "quality": quality_table(words, data),
        "coverage": coverage_table(words, data, low_index),
        "coverage_sentence": _coverage_sentence(words, data, low_index),
        "statuses": statuses,
        "vintages": vintage_table(words, data, usual),
        "revisions": revision_table(words, data),
        "disclosure": disclosure_table(words, data),
        "disclosure_sentence": _disclosure_sentence(words, data),
    }


def _coverage_sentence(words: Catalogue, data: BulletinData, low_index: float) -> str:
    assessed = data.coverage.height - data.coverage["coverage_index"].null_count()
    if not assessed:
        return words.text(
            "No port's coverage could be assessed: there are too few weeks before this one, or the lake no longer "
            "has the data as of this release."
        )
    return words.plural(
        "%(number)s port was assessed, with coverage in %(share)s of its hours or more.",
        "%(number)s ports were assessed, each with coverage in %(share)s of its hours or more.",
        assessed,
        share=words.percent(low_index, 0),
    )


def _disclosure_sentence(words: Catalogue, data: BulletinData) -> str:
    suppressed = data.release.disclosure
    if suppressed is None:
        return words.text("This release recorded no disclosure control.")
    held = sum(of.get("observations", 0) for of in suppressed.tables.values())
    if data.may_show_cells and not held:
        return words.text("Nothing is suppressed (profile %(profile)s).", profile=suppressed.profile)
    return words.text(
        "Values of few ships, or dominated by one, are suppressed, together with values from which they could be "
        "derived (profile %(profile)s): %(number)s observations. They are marked c and are not zero.",
        profile=suppressed.profile,
        number=words.number(held),
    )


def _contents(words: Catalogue, values: dict[str, Any]) -> list[tuple[str, str]]:
    """Returns the anchors and titles of the sections of the page."""
    sections = [
        ("headlines", words.text("The week at a glance"), True),
        ("series", words.text("Week by week"), True),
        ("ports-section", words.text("Ports"), True),
        ("map-section", words.text("Where ships were"), True),
        ("straits-section", words.text("Chokepoints"), values["transits"]),
        ("integrity-section", words.text("Chokepoints and integrity"), values["integrity"]),
        ("trade-section", words.text("Trade by sea"), values["trade"]),
        ("quality-section", words.text("Coverage and quality"), True),
        ("revisions-section", words.text("Revisions"), True),
        ("held-section", words.text("Confidentiality"), True),
        ("method-section", words.text("Method in brief"), True),
        ("about-section", words.text("About this release"), True),
    ]
    return [(anchor, title) for anchor, title, is_there in sections if is_there]
