"""Main points of a week, as sentences: what changed, and what drove the change."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from ais_indicators.publish.pages.catalogue import NO_BREAK, Catalogue
from ais_indicators.publish.pages.figures import (
    ALL,
    Figure,
    change_between,
    compared,
    figure_of,
    figures_by,
)
from ais_indicators.publish.pages.headline_section import (
    IMPORTS,
    WAITING,
    import_series,
    share_interval,
    share_text,
    shown_change,
    total_as_published,
    total_series,
)
from ais_indicators.publish.pages.model import BulletinData
from ais_indicators.publish.pages.port_section import status_counts
from ais_indicators.publish.pages.rounding import round_to, supported_step
from ais_indicators.publish.pages.sections import gate_name

FEWEST: Final = 3
LARGEST_PORTS: Final = 10
"""Medians of ports with few calls are not informative, so only this number of ports is compared by hours."""

MOST_DRIVERS: Final = 2
_IN_PORT: Final = "median_hours_in_port"
_PRESENT: Final = "unique_vessels"
_UNSURE: Final = ("Q", "O", "B", "E", "U")

Named = Mapping[str, tuple[Figure | None, Figure | None]]
"""Values of the week and of the week before, by code."""


def main_points(words: Catalogue, data: BulletinData) -> list[str]:
    """Writes three to five sentences or pairs of sentences, the most important first."""
    points = [
        point for of in (_arrivals, _hours, _tonnes, _straits, _reliability) if (point := of(words, data))
    ]
    if len(points) < FEWEST and (present := _ships(words, data)):
        points.insert(1, present)
    return points


def _arrivals(words: Catalogue, data: BulletinData) -> str:
    week = words.week(data.release.week)
    series = total_series(data, "arrivals")
    shown = total_as_published(data, "arrivals", series.get(data.release.week))
    if shown is None or shown.value is None:
        return words.text("The number of port calls that began in %(week)s is not available.", week=week)
    number = words.amount(shown.value, shown.unit)
    said = [words.text("%(number)s port calls began in %(week)s.", number=number, week=week)]
    if changes := _changes(words, data, series):
        said.append(words.text("That is %(changes)s.", changes=changes))
    rows = compared(data.activity).filter(indicator="arrivals")
    total = change_between(series.get(data.release.week), series.get(data.release.week_before), words.rules)
    of_classes = rows.filter(pl.col("vessel_class") != ALL, port_locode=ALL)
    of_ports = rows.filter(pl.col("port_locode") != ALL, vessel_class=ALL)
    classes = _drivers(
        words,
        _pairs(data, of_classes, "vessel_class"),
        total.difference if total else None,
        _class_name(words),
    )
    ports = _drivers(
        words, _pairs(data, of_ports, "port_locode"), total.difference if total else None, _port_name(data)
    )
    if classes and ports:
        said.append(
            words.text(
                "The change on the week before comes mainly from %(classes)s and, by port, from %(ports)s.",
                classes=classes,
                ports=ports,
            )
        )
    elif classes or ports:
        said.append(
            words.text("The change on the week before comes mainly from %(names)s.", names=classes or ports)
        )
    return " ".join(said)


def _hours(words: Catalogue, data: BulletinData) -> str:
    series = total_series(data, _IN_PORT)
    now = series.get(data.release.week)
    if now is None or now.value is None:
        return ""
    said = [
        words.text(
            "Ships that departed had been in port for %(hours)s in the median%(change)s.",
            hours=words.measure(now.value, now.unit),
            change=_in_brackets(words, data, series),
        )
    ]
    waiting = total_series(data, WAITING)
    if (waited := waiting.get(data.release.week)) and waited.value is not None:
        said.append(
            words.text(
                "Those that had waited before they berthed had waited for %(hours)s%(change)s.",
                hours=words.measure(waited.value, waited.unit),
                change=_in_brackets(words, data, waiting),
            )
        )
    if changed := _port_with_other_hours(words, data, series):
        said.append(changed)
    return " ".join(said)


def _port_with_other_hours(words: Catalogue, data: BulletinData, series: Mapping[str, Figure]) -> str:
    """Names the large port whose hours changed most in the direction of the total."""
    total = change_between(series.get(data.release.week), series.get(data.release.week_before), words.rules)
    rows = compared(data.activity).filter(pl.col("port_locode") != ALL, vessel_class=ALL)
    calls = figures_by(rows.filter(indicator="departures", week=data.release.week), ["port_locode"])
    largest = sorted(calls, key=lambda port: (-(calls[port].value or 0.0), port))[:LARGEST_PORTS]
    hours = _pairs(data, rows.filter(indicator=_IN_PORT), "port_locode")
    kept = {port: hours[port] for (port,) in largest if port in hours}
    named = _drivers(words, kept, total.difference if total else None, _port_name(data), most=1)
    if not named:
        return ""
    return words.text("Among the ports with most departures, the largest change was at %(port)s.", port=named)


def _tonnes(words: Catalogue, data: BulletinData) -> str:
    series = import_series(data)
    now = series.get(data.release.week)
    if now is None or now.value is None:
        return ""
    amount = words.measure(now.value, now.unit, now.low, now.high)
    if now.low is None or now.high is None:
        said = [words.text("Ships put %(tonnes)s ashore.", tonnes=amount)]
    else:
        interval = words.interval(now.low, now.high, now.unit)
        said = [
            words.text(
                "Ships put %(tonnes)s ashore (90 %% interval %(interval)s).", tonnes=amount, interval=interval
            )
        ]
    change = change_between(now, series.get(data.release.week_before), words.rules)
    if change is not None and change.share is not None:
        said.append(
            words.text("That is %(change)s on the week before.", change=share_text(words, change))
            if (range_ := share_interval(words, change)) == ""
            else words.text(
                "That is %(change)s on the week before (90 %% interval %(interval)s).",
                change=share_text(words, change),
                interval=range_,
            )
        )
        if change.low is not None and change.high is not None and change.low <= 0.0 <= change.high:
            said.append(words.text("Whether they rose or fell is not certain."))
        if countries := _countries(words, data, change.difference):
            said.append(
                words.text("The change on the week before comes mainly from %(names)s.", names=countries)
            )
    return " ".join(said)


def _countries(words: Catalogue, data: BulletinData, total: float) -> str:
    rows = data.flows.filter(reporter_level="country", direction="import", indicator=IMPORTS)
    return _drivers(words, _pairs(data, rows, "reporter"), total, words.country)


def _straits(words: Catalogue, data: BulletinData) -> str:
    rows = data.transits.filter(indicator="transits")
    pairs = _pairs(data, rows, "gate_code")
    changes = {
        code: change
        for code, of in pairs.items()
        if (change := change_between(*of, rules=words.rules)) is not None
    }
    if not changes:
        return ""
    code = min(changes, key=lambda one: (-abs(changes[one].difference), one))
    now, before = pairs[code]
    if now is None or now.value is None or before is None or not changes[code].difference:
        return ""
    text = words.text(
        "Of the chokepoints, %(strait)s changed most%(colon)s %(number)s passages after %(before)s the week before.",
        strait=gate_name(words, data, code),
        colon=words.colon,
        number=words.amount(now.value, now.unit),
        before=words.amount(before.value or 0.0, before.unit),
    )
    reason = _why(words, data, code, now)
    return f"{text} {reason}" if reason else text


def _why(words: Catalogue, data: BulletinData, code: str, now: Figure) -> str:
    """Explains the cause if known: the status of the chokepoint, or why its value is marked."""
    if now.reason:
        return words.text(
            "The value is marked%(colon)s %(reason)s.",
            colon=words.colon,
            reason=words.name("status_reason", now.reason),
        )
    rows = (
        () if data.integrity is None else data.integrity.status.filter(gate_code=code).iter_rows(named=True)
    )
    status = next((str(row["chokepoint_status"]) for row in rows), "")
    if status not in ("restricted", "closed"):
        return ""
    return words.text(
        "Its status%(colon)s %(status)s.", colon=words.colon, status=words.name("chokepoint_status", status)
    )


def _reliability(words: Catalogue, data: BulletinData) -> str:
    counts = status_counts(data)
    every = sum(counts.values())
    unsure = sum(counts.get(status, 0) for status in _UNSURE)
    if not every:
        return ""
    if not unsure:
        return words.plural(
            "The counts of the %(number)s port have neither gaps nor low reliability.",
            "The counts of all %(number)s ports have neither gaps nor low reliability.",
            every,
        )
    text = words.text(
        "%(unsure)s of %(every)s ports have counts of low reliability, estimated, suppressed or missing.",
        unsure=words.number(unsure),
        every=words.number(every),
    )
    reason = _usual_reason(data)
    if not reason:
        return text
    said = words.text(
        "The most common reason%(colon)s %(reason)s.",
        colon=words.colon,
        reason=words.name("status_reason", reason),
    )
    return f"{text} {said}"


def _usual_reason(data: BulletinData) -> str:
    rows = data.activity.filter(pl.col("port_locode") != ALL, week=data.release.week)
    if "status_reason" not in rows.columns:
        return ""
    counts = Counter(rows["status_reason"].drop_nulls().to_list())
    return str(min(counts, key=lambda code: (-counts[code], code), default=""))


def _ships(words: Catalogue, data: BulletinData) -> str:
    series = total_series(data, _PRESENT)
    now = series.get(data.release.week)
    if now is None or now.value is None:
        return ""
    return words.text(
        "%(number)s ships were in ports%(change)s.",
        number=words.amount(now.value, now.unit),
        change=_in_brackets(words, data, series),
    )


def _changes(words: Catalogue, data: BulletinData, series: Mapping[str, Figure]) -> str:
    """Lists the changes on the week and on the year before, if known."""
    release, now = data.release, series.get(data.release.week)
    said = []
    for label, week in (
        (words.text("on the week before"), release.week_before),
        (words.text("on the year before"), release.year_before),
    ):
        change = change_between(now, series.get(week), words.rules)
        if change is not None:
            said.append(f"{shown_change(words, change, now)} {label}")
    return words.semicolon.join(said)


def _in_brackets(words: Catalogue, data: BulletinData, series: Mapping[str, Figure]) -> str:
    changes = _changes(words, data, series)
    return f" ({changes})" if changes else ""


def _pairs(
    data: BulletinData, rows: pl.DataFrame, key: str
) -> dict[str, tuple[Figure | None, Figure | None]]:
    """Pairs values of the week and of the week before, by a column."""
    found = {(str(row["week"]), str(row[key])): figure_of(row) for row in rows.iter_rows(named=True)}
    week, before = data.release.week, data.release.week_before
    return {code: (found.get((week, code)), found.get((before, code))) for _, code in sorted(found)}


def _drivers(
    words: Catalogue, pairs: Named, total: float | None, name: Callable[[str], str], most: int = MOST_DRIVERS
) -> str:
    """Lists what changed most in the direction of the total, each with its change; empty if nothing did."""
    if not total:
        return ""
    sign = 1.0 if total > 0 else -1.0
    changes = {
        code: change.difference
        for code, of in pairs.items()
        if (change := change_between(*of, rules=words.rules)) is not None
    }
    largest = sorted(
        (code for code in changes if sign * changes[code] > 0), key=lambda c: (-sign * changes[c], c)
    )
    said = []
    for code in largest[:most]:
        now = pairs[code][0]
        written = _written_change(words, changes[code], now) if now else ""
        if written:
            said.append(f"{name(code)} ({written})")
    return ", ".join(said)


def _written_change(words: Catalogue, difference: float, now: Figure) -> str:
    """Formats a difference with its unit, rounded to what the interval of the newer value supports."""
    decimals = 1 if now.unit == "h" else 0
    rounded = round_to(difference, supported_step(now.low, now.high, 10.0**-decimals, words.rules))
    if not rounded:
        return ""
    sign = f"{NO_BREAK}{now.unit}" if now.unit in ("h", "t") else ""
    return words.change(rounded, decimals) + sign


def _class_name(words: Catalogue) -> Callable[[str], str]:
    return lambda code: words.name("vessel_class", code)


def _port_name(data: BulletinData) -> Callable[[str], str]:
    return lambda code: data.places[code].name if code in data.places else code
