"""Further tables of a bulletin: chokepoints, trade, quality and coverage, revisions, and disclosure control."""

from collections.abc import Callable
from typing import Any, Final

import polars as pl

from ais_indicators.periods import Week
from ais_indicators.publish.headlines import HEADLINES
from ais_indicators.publish.pages.catalogue import EN_DASH, Catalogue
from ais_indicators.publish.pages.figures import MISSING, Figure, change_between, figure_of, figures_by
from ais_indicators.publish.pages.model import BulletinData
from ais_indicators.publish.pages.port_section import earlier_weeks
from ais_indicators.publish.pages.tables import (
    Cell,
    Column,
    Table,
    blank_cell,
    change_cell,
    figure_cell,
    nothing_cell,
    text_cell,
)
from ais_indicators.units import SECONDS_PER_DAY

MOST_COUNTRIES: Final = 20
MOST_LOW_PORTS: Final = 30
_TRANSITS: Final = ("transits", "unique_vessels", "payload_t", "median_hours", "vessels_waiting")


def transit_table(words: Catalogue, data: BulletinData, usual: str) -> Table | None:
    """Lays out one row per chokepoint that was observed in the week; one that was closed reads 0."""
    figures = figures_by(data.transits, ["week", "gate_code", "indicator"])
    now, earlier = data.release.week, earlier_weeks(words, data)
    gates = sorted(
        {gate for week, gate, _ in figures if week == now}, key=lambda gate: gate_name(words, data, gate)
    )
    if not gates:
        return None
    columns = [
        Column(words.text("Chokepoint"), is_number=False),
        Column(words.name("transit_indicator", "transits")),
        *(Column(title) for title, _ in earlier),
        *(Column(words.name("transit_indicator", name)) for name in _TRANSITS[1:]),
    ]

    def at(week: str, gate: str) -> Figure | None:
        """Returns transits; None without a row: the chokepoint was not observed, since a closed one has a row of 0."""
        return figures.get((week, gate, "transits"))

    rows = [
        [
            text_cell(gate_name(words, data, gate)),
            figure_cell(words, at(now, gate), usual),
            *(
                change_cell(words, change_between(at(now, gate), at(week, gate), words.rules))
                for _, week in earlier
            ),
            *(figure_cell(words, figures.get((now, gate, name)), usual) for name in _TRANSITS[1:]),
        ]
        for gate in gates
    ]
    caption = words.text("Ships through chokepoints, %(week)s, both directions", week=words.week(now))
    return Table("straits", caption, columns, rows, can_sort=True)


def trade_table(words: Catalogue, data: BulletinData, usual: str) -> Table | None:
    """Lays out one row per country, those with the most tonnes put ashore first."""
    rows = data.flows.filter(week=data.release.week, indicator="tonnes", reporter_level="country")
    found = {(row["reporter"], row["direction"]): row for row in rows.iter_rows(named=True)}
    countries = sorted(
        {country for country, _ in found}, key=lambda one: _by_size(found.get((one, "import")), one)
    )
    if not countries:
        return None
    columns = [Column(words.text("Country"), is_number=False)]
    for side in ("import", "export"):
        columns += [
            Column(f"{words.name('direction', side)}, t"),
            Column(words.text("90 %% interval")),
            Column(words.text("of it imputed")),
        ]
    body = [
        [
            text_cell(words.country(country)),
            *_flow_cells(words, found.get((country, "import")), usual),
            *_flow_cells(words, found.get((country, "export")), usual),
        ]
        for country in countries[:MOST_COUNTRIES]
    ]
    caption = words.text(
        "Tonnes put ashore and taken on board, %(week)s, the countries with most",
        week=words.week(data.release.week),
    )
    return Table("trade", caption, columns, body, can_sort=True)


def _flow_cells(words: Catalogue, row: dict[str, object] | None, usual: str) -> list[Cell]:
    figure = figure_of(row) if row else None
    if row is None or figure is None or figure.value is None:
        return [figure_cell(words, figure, usual)] * 3
    share = row["imputed_share"]
    return [
        figure_cell(words, figure, usual),
        Cell(words.interval(figure.low, figure.high, "t"), figure.high - figure.low)
        if figure.low is not None and figure.high is not None
        else blank_cell(words, MISSING),
        Cell(words.percent(float(str(share)), 0), float(str(share)))
        if share is not None
        else blank_cell(words, MISSING),
    ]


def quality_table(words: Catalogue, data: BulletinData) -> Table | None:
    """Lays out one row per quality indicator, in the week and the one before."""
    figures = figures_by(data.quality, ["week", "indicator"])
    now, before = data.release.week, data.release.week_before
    names = [name for week, name in figures if week == now]
    if not names:
        return None
    columns = [
        Column(words.text("What"), is_number=False),
        Column(words.week(now)),
        Column(words.week(before)),
    ]
    rows = [
        [
            text_cell(words.name("quality_indicator", name)),
            *(
                figure_cell(words, figures.get((week, name), Figure(None, "", MISSING)))
                for week in (now, before)
            ),
        ]
        for name in names
    ]
    late = (data.release.published_at - Week.parse(now).end).total_seconds() / SECONDS_PER_DAY
    label = text_cell(words.text("Days from the week's end to this release"))
    rows.append([label, Cell(words.number(late, 1), late), nothing_cell(words)])
    return Table("quality", words.text("What the values are based on"), columns, rows)


def coverage_table(words: Catalogue, data: BulletinData, below: float) -> Table | None:
    """Lays out one row per port with incomplete coverage of the week, lowest coverage first.

    Args:
        words: The language.
        data: The bulletin's data.
        below: Coverage index under which a port is shown.
    """
    low = data.coverage.filter(pl.col("coverage_index").cast(pl.Float64) < below)
    if not low.height:
        return None
    ranked = low.sort("coverage_index", "place_code").head(MOST_LOW_PORTS)
    columns = [
        Column(words.text("Port"), is_number=False),
        Column(words.text("Coverage index")),
        Column(words.text("Hours of outage")),
        Column(words.text("Hours assessed")),
    ]
    names = ("place_code", "coverage_index", "outage_hours", "assessed_hours")
    rows = [
        [
            text_cell(data.places[port].name if port in data.places else port),
            Cell(words.percent(index), index),
            Cell(words.number(outage), outage),
            Cell(words.number(assessed), assessed),
        ]
        for port, index, outage, assessed in ranked.select(names).iter_rows()
    ]
    return Table("coverage", words.text("Ports with coverage for part of the week only"), columns, rows)


def vintage_table(words: Catalogue, data: BulletinData, usual: str) -> Table:
    """Lays out one row per release of the week up to this one."""
    names = [one.name for one in HEADLINES]
    columns = [
        Column(words.text("Release"), is_number=False),
        Column(words.text("Published"), is_number=False),
        *(Column(words.name("headline_short", name)) for name in names),
    ]
    missing, withdrawn = Figure(None, "", MISSING), words.text("withdrawn")
    rows = []
    for vintage in data.vintages:
        mark = f" ({withdrawn})" if vintage.is_withdrawn else ""
        values = [figure_cell(words, vintage.headlines.get(name, missing), usual) for name in names]
        rows.append(
            [text_cell(vintage.release_id + mark), text_cell(words.moment(vintage.published_at)), *values]
        )
    caption = words.text("Releases of %(week)s so far", week=words.week(data.release.week))
    return Table("vintages", caption, columns, rows)


def revision_table(words: Catalogue, data: BulletinData) -> Table | None:
    """Lays out one row per headline value and lag: how far such values moved after first publication."""
    if not data.revisions.height:
        return None
    columns = [
        Column(words.text("Value"), is_number=False),
        Column(words.text("Weeks later")),
        Column(words.text("Weeks compared")),
        Column(words.text("Mean revision")),
        Column(words.text("Mean absolute revision")),
        Column(words.text("Share revised")),
    ]
    lag, names = pl.col("lag_weeks"), [one.name for one in HEADLINES]
    shown = data.revisions.filter((lag == 1) | (lag == lag.max().over("indicator")))
    ordered = sorted(
        shown.iter_rows(named=True), key=lambda row: (names.index(row["indicator"]), row["lag_weeks"])
    )
    rows = [_revision_row(words, row) for row in ordered]
    return Table(
        "revisions",
        words.text("How far headline values moved after they were first published"),
        columns,
        rows,
    )


def _revision_row(words: Catalogue, row: dict[str, Any]) -> list[Cell]:
    decimals = 0 if row["indicator"] == "tonnes" else 2
    return [
        text_cell(words.name("headline", row["indicator"])),
        _written(words.number, row["lag_weeks"]),
        _written(words.number, row["weeks"]),
        _written(lambda value: words.change(value, decimals), row["mean_revision"]),
        _written(lambda value: words.number(value, decimals), row["mean_absolute_revision"]),
        _written(words.percent, row["share_revised"]),
    ]


def disclosure_table(words: Catalogue, data: BulletinData) -> Table | None:
    """Lays out one row per released table: what disclosure control suppressed in it."""
    lost = data.release.disclosure.tables if data.release.disclosure else {}
    held = {table: of for table, of in lost.items() if of.get("observations")}
    if not held:
        return None
    names = ("cells", "primary", "secondary", "observations")
    columns = [
        Column(words.text("Table"), is_number=False),
        Column(words.text("Cells")),
        Column(words.text("Suppressed first")),
        Column(words.text("Suppressed to protect these")),
        Column(words.text("Observations suppressed")),
    ]
    rows = [
        [text_cell(words.name("table", table)), *(_written(words.number, of.get(name)) for name in names)]
        for table, of in sorted(held.items())
    ]
    return Table("disclosure", words.text("What is suppressed"), columns, rows)


def gate_name(words: Catalogue, data: BulletinData, code: str) -> str:
    """Returns the name of a chokepoint in the language, or as in its file."""
    known = words.name("gate", code)
    return known if known != code else data.gate_names.get(code, code)


def _by_size(row: dict[str, object] | None, country: str) -> tuple[float, str]:
    value = row["value"] if row else None
    return -float(str(value)) if value is not None else 0.0, country


def _written(write: Callable[[float], str], value: float | None) -> Cell:
    return Cell(EN_DASH, None) if value is None else Cell(write(value), value)
