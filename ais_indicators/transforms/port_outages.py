"""Hours in which nobody heard a port though its cell was heard: its receiver failed, and another one hears the cell.

Vessels in port fall silent together when their receiver fails. Vessels that stay away do not, and one that switches off
at berth does so alone. So hours with too few vessels are an outage of the port only if vessels fell silent in it when
they began; where only one was there, another must have entered unheard until the first hour after them.
Source: methodology 11.1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.transforms.coverage import HOURS, areas_of
from ais_indicators.transforms.coverage_evidence import runs
from ais_indicators.transforms.sender_coverage import SENDER_INDEX
from ais_indicators.units import HOURS_PER_DAY, SECONDS_PER_HOUR

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

SENT_SCHEMA: Final[dict[str, Any]] = {
    "mmsi": pl.Int64,
    "from_utc": pl.Datetime("us", "UTC"),
    "until_utc": pl.Datetime("us", "UTC"),
}
"""A time in which a vessel was received though none of its positions was accepted."""

OUTAGE_SCHEMA: Final = {"place_code": pl.String, "hour_of_week": pl.Int32}
"""One hour in which nobody heard a port."""

_TIMES: Final = ("begin", "end")
_SPAN: Final = ["call", "place_code", *_TIMES]


@dataclass(frozen=True)
class _Events:
    """Events of vessels in a port.

    Attributes:
        hours: When, in hours since the begin of the baseline, in order.
        mmsi: Which vessel.
    """

    hours: Floats
    mmsi: NDArray[np.int64]


@dataclass(frozen=True)
class _Port:
    """The vessels of a port, one element per hour since the begin of the baseline.

    Attributes:
        heard: Vessels heard in port.
        usual: How many are usual.
        is_low: Whether an hour has too few.
        fell: When vessels fell silent in port.
        came: When vessels were first heard in port after they had entered unheard.
    """

    heard: Floats
    usual: Floats
    is_low: Bools
    fell: _Events
    came: _Events


@dataclass(frozen=True)
class _Outage:
    """An outage of a port.

    Attributes:
        first: Its first hour.
        end: The hour after its last one.
        level: Vessels heard in port before it.
    """

    first: int
    end: int
    level: float


def silences_in_port(calls: pl.DataFrame, silences: pl.DataFrame) -> pl.DataFrame:
    """Finds the silences that began while the vessel was in port.

    Args:
        calls: Columns `mmsi`, `track_id`, `port_locode`, `first_seen_at_utc` and `last_seen_at_utc` of port calls.
        silences: Rows of `silver.silences`.

    Returns:
        Columns `mmsi`, `track_id`, `place_code`, `silent_from_utc`, `heard_again_at_utc` and `week`.
    """
    columns = ["track_id", "silent_from_utc", "heard_again_at_utc", "week"]
    joined = calls.join(silences.select(columns), on="track_id", how="inner")
    is_in_port = pl.col("silent_from_utc").is_between("first_seen_at_utc", "last_seen_at_utc")
    return joined.filter(is_in_port).select("mmsi", *columns, place_code="port_locode").unique()


def without_received(silences: pl.DataFrame, sent: pl.DataFrame) -> pl.DataFrame:
    """Leaves out silences in which a receiver heard the vessel: at a false position, or without a usable one.

    Args:
        silences: What `silences_in_port` returns.
        sent: Columns of `SENT_SCHEMA`.
    """
    rows = silences.with_row_index("silence")
    is_open = pl.col("heard_again_at_utc").is_null()
    received = rows.join(sent, on="mmsi", how="inner").filter(
        pl.col("until_utc") > pl.col("silent_from_utc"),
        is_open | (pl.col("from_utc") < pl.col("heard_again_at_utc")),
    )
    return rows.join(received, on="silence", how="anti").drop("silence")


def port_outages(
    calls: pl.DataFrame,
    in_port: pl.DataFrame,
    cut_off: pl.DataFrame,
    before: Sequence[Week],
    week: Week,
    rules: Rules,
) -> pl.DataFrame:
    """Finds the outage hours of ports in a week by the vessels in them.

    Args:
        calls: As in `silences_in_port`, with `entry_after_gap`; calls of the week and of the weeks before.
        in_port: What `silences_in_port` returns for the week and the weeks before.
        cut_off: Those of them that receivers may have caused: what `without_received` returns.
        before: The trailing weeks that there are.
        week: The week.
        rules: Rules of the lake's subject.

    Returns:
        Columns `place_code` and `hour_of_week`, in order; no row of a port without an outage.
    """
    start, weeks = week.plus(-rules.baseline_weeks).start, rules.baseline_weeks + 1
    known = np.repeat([week.plus(n - weeks + 1) in {*before, week} for n in range(weeks)], HOURS)
    fallen = cut_off.filter(pl.col("silent_from_utc") < week.end)
    ports = fallen["place_code"].unique().sort()
    if ports.is_empty():
        return pl.DataFrame(schema=OUTAGE_SCHEMA)
    of_ports = pl.col("place_code").is_in(ports.implode())
    named = calls.rename({"port_locode": "place_code"}).filter(of_ports)
    spans = heard_spans(named, in_port.filter(of_ports, pl.col("silent_from_utc") < week.end), rules)
    heard = _heard_by_hour(spans, ports, start, known.size)
    entered = named.filter("entry_after_gap", pl.col("first_seen_at_utc") < week.end)
    fell = _events(fallen, "silent_from_utc", start)
    came = _events(entered, "first_seen_at_utc", start)
    silences = in_port.filter(of_ports, pl.col("week").is_in([one.name for one in before]))
    is_well_heard = _is_well_heard(silences, ports, heard[:, :-HOURS], rules)
    outage = np.zeros_like(heard, np.bool_)
    for _ in range(2):  # the second time without the outages of the weeks before in what is usual
        usual = np.where(is_well_heard, _usual(np.where(outage, np.nan, heard), known, rules), np.nan)
        outage = _outages(ports, heard, np.tile(usual, weeks), known, fell, came, rules)
    place, hour = np.nonzero(outage[:, -HOURS:])
    return pl.DataFrame(
        {"place_code": ports.gather(place), "hour_of_week": hour}, schema_overrides=OUTAGE_SCHEMA
    )


def outages_of_receivers(
    outages: pl.DataFrame, ports: pl.DataFrame, senders: pl.DataFrame, up: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """Leaves out outage hours of ports of which the vessels or the stations say more.

    Args:
        outages: What `port_outages` returns.
        ports: Columns of `PLACE_SCHEMA`.
        senders: Rows of `silver.sender_weeks` of the week. Where vessels are dark in the wider cells that hold a port,
            or in the whole feed, those in port fell silent with them.
        up: Columns `area` and `hour_of_week` of hours in which all stations of an area were up.
        rules: Rules of the lake's subject.
    """
    dark = senders.filter(pl.col(SENDER_INDEX) < rules.sender_low_index)["area"]
    wider = [area.is_in(dark.implode()) for area in areas_of(ports["h3_res3"], rules)[1:]]
    cells = ports.select("place_code", area="h3_res3", is_dark=pl.any_horizontal(wider))
    kept = outages.join(cells, on="place_code", how="inner").filter(~pl.col("is_dark"))
    return kept.join(up, on=["area", "hour_of_week"], how="anti").select(*OUTAGE_SCHEMA).sort(*OUTAGE_SCHEMA)


def heard_spans(calls: pl.DataFrame, in_port: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Cuts calls at the silences in them.

    A silence that outlasts its week has no end in `silver.silences`. Its vessel is taken to be heard again from the
    time of the next week from which another vessel in port is heard for an hour.

    Args:
        calls: Columns `track_id`, `place_code`, `first_seen_at_utc` and `last_seen_at_utc`.
        in_port: What `silences_in_port` returns.
        rules: Rules of the lake's subject.

    Returns:
        Columns `call`, `place_code`, `begin` and `end` of times in which a vessel in port was heard.
    """
    numbered = calls.select(
        "track_id", "place_code", first="first_seen_at_utc", last="last_seen_at_utc"
    ).with_row_index("call")
    cuts = (
        numbered.join(in_port, on=["track_id", "place_code"], how="inner")
        .filter(pl.col("silent_from_utc").is_between("first", "last"))
        .sort("call", "silent_from_utc")
        .with_columns(end=pl.col("silent_from_utc").shift(-1).over("call").fill_null(pl.col("last")))
        .with_columns(begin=pl.col("heard_again_at_utc"))
    )
    until = cuts.group_by("call").agg(silent=pl.col("silent_from_utc").min())
    first = numbered.join(until, on="call", how="left").select(
        "call", "place_code", begin="first", end=pl.coalesce("silent", "last")
    )
    sure = pl.concat([first, cuts.filter(pl.col("begin") <= pl.col("end")).select(_SPAN)])
    is_open = pl.col("begin").is_null() & (pl.col("end") > pl.col("silent_from_utc"))
    return pl.concat([sure, _heard_with_others(cuts.filter(is_open), sure, rules)])


def _heard_with_others(opened: pl.DataFrame, sure: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Returns spans that begin in the week after a silence without an end, when another vessel is heard for an hour."""
    monday = pl.col("week").map_elements(lambda name: Week.parse(name).end, pl.Datetime("us", "UTC"))
    shortest = timedelta(hours=rules.coverage_silence_hours)
    others = sure.filter(pl.col("end") - pl.col("begin") >= shortest).select(
        "place_code", other="call", other_begin="begin", other_end="end"
    )
    return (
        opened.drop("begin")
        .with_columns(monday=monday)
        .join(others, on="place_code", how="inner")
        .filter(pl.col("other") != pl.col("call"), pl.col("other_end") > pl.col("monday"))
        .group_by("call", "place_code", "end")
        .agg(begin=pl.max_horizontal("other_begin", "monday").min())
        .filter(pl.col("begin") < pl.col("end"))
        .select(_SPAN)
    )


def _hours_since(time: pl.Series, start: datetime) -> Floats:
    return np.asarray((time - start).dt.total_microseconds().to_numpy() / (SECONDS_PER_HOUR * 1e6))


def _heard_by_hour(spans: pl.DataFrame, ports: pl.Series, start: datetime, hours: int) -> Floats:
    """Counts the vessels heard in each port and hour since a time, shape (ports, hours)."""
    begin, end = (_hours_since(spans[name], start) for name in _TIMES)
    return _count(spans["place_code"], ports, begin, end, hours)


def _count(place_codes: pl.Series, ports: pl.Series, begin: Floats, end: Floats, hours: int) -> Floats:
    """Counts the times that touch each hour of each port, shape (ports, hours)."""
    first, last = (np.floor(time).astype(np.int64) for time in (begin, end))
    is_inside = (last >= 0) & (first < hours)
    port = ports.search_sorted(place_codes).to_numpy()[is_inside]
    change = np.zeros((ports.len(), hours + 1))
    np.add.at(change, (port, np.maximum(first[is_inside], 0)), 1.0)
    np.add.at(change, (port, np.minimum(last[is_inside], hours - 1) + 1), -1.0)
    return np.asarray(np.cumsum(change, axis=1)[:, :-1])


def _events(rows: pl.DataFrame, column: str, start: datetime) -> pl.DataFrame:
    """Returns columns `place_code`, `mmsi` and `hour`: when something happened to vessels, in hours since a time."""
    hour = pl.Series("hour", _hours_since(rows[column], start))
    return rows.select("place_code", "mmsi").with_columns(hour).sort("place_code", "hour", "mmsi")


def _near_silences(fell: pl.DataFrame, ports: pl.Series, hours: int, rules: Rules) -> Bools:
    """Returns whether a vessel fell silent about each hour of each port, shape (ports, hours)."""
    lead = rules.coverage_silence_lead_hours
    hour = fell["hour"].to_numpy()
    is_near: Bools = _count(fell["place_code"], ports, hour - lead, hour + lead, hours) > 0
    return is_near


def _is_well_heard(silences: pl.DataFrame, ports: pl.Series, heard: Floats, rules: Rules) -> Bools:
    """Returns whether vessels in each port rarely fall silent, shape (ports, 1).

    At the edge of reception, and where only satellites hear, vessels fall silent together many times a day.

    Args:
        silences: Rows of `silences_in_port` of the weeks before.
        ports: The ports.
        heard: Vessels heard in each of them in each hour of the weeks before.
        rules: Rules of the lake's subject.
    """
    port = ports.search_sorted(silences["place_code"]).to_numpy()
    number = np.bincount(port, minlength=ports.len())
    days = heard.sum(axis=1) / HOURS_PER_DAY
    most = float(rules.coverage_port_silences_a_day)
    is_well_heard: Bools = (number < most * days)[:, None]
    return is_well_heard


def _usual(heard: Floats, known: Bools, rules: Rules) -> Floats:
    """Returns the median vessels of each hour of the week over the weeks before; not a number with too few weeks."""
    weeks = np.where(known, heard, np.nan).reshape(len(heard), -1, HOURS)[:, :-1]
    enough = (~np.isnan(weeks)).sum(axis=1) >= rules.min_baseline_weeks
    usual: Floats = np.full(enough.shape, np.nan)
    usual[enough] = np.nanmedian(weeks.transpose(0, 2, 1)[enough], axis=1)
    return usual


def _outages(
    ports: pl.Series,
    heard: Floats,
    usual: Floats,
    known: Bools,
    fell: pl.DataFrame,
    came: pl.DataFrame,
    rules: Rules,
) -> Bools:
    """Finds outage hours: runs of hours with too few vessels, from the first on in which enough were cut off."""
    least, share = float(rules.coverage_port_usual_vessels), rules.coverage_port_low_share
    with np.errstate(invalid="ignore"):
        can = known & (usual >= least)
        is_low = can & (heard < share * usual)
    is_quiet = known & ~can & (heard < share * least)
    outage = np.zeros_like(is_low)
    is_suspect = (is_low & _near_silences(fell, ports, known.size, rules)).any(axis=1)
    for place in np.flatnonzero(is_suspect).tolist():
        events = [_of_port(rows, ports[place]) for rows in (fell, came)]
        port = _Port(heard[place], usual[place], is_low[place], *events)
        last: _Outage | None = None
        for first, end in runs(is_low[place] | is_quiet[place]):
            for one in _outages_of_run(port, first, end, last, rules):
                outage[place, one.first : one.end] = True
                last = one
    return outage


def _of_port(events: pl.DataFrame, port: str) -> _Events:
    rows = events.filter(pl.col("place_code") == port)
    return _Events(rows["hour"].to_numpy(), rows["mmsi"].to_numpy())


def _outages_of_run(
    port: _Port, first: int, end: int, last: _Outage | None, rules: Rules
) -> Iterator[_Outage]:
    """Yields the outages in a run of low hours, the first of which may go on with the last one before it."""
    lead = rules.coverage_silence_lead_hours
    at = first
    while (low := at + np.flatnonzero(port.is_low[at:end])).size:
        if last is not None and at - last.end <= lead:
            begin, level = at, last.level
        else:
            evident = _begin(port, low, end, rules)
            if evident is None:
                return
            begin = at if evident == low[0] else evident
            level = float(port.heard[max(evident - 1, 0) : evident + 1].max())
        out = _extent(port, begin, end, level, rules)
        if out is not None:
            yield out
        at, last = max(begin + 1, out.end if out else 0), None


def _extent(port: _Port, begin: int, end: int, level: float, rules: Rules) -> _Outage | None:
    """Returns the hours from a time on in which less than half of the vessels heard before are heard.

    Fewer vessels than usual may have been there when the receiver failed: then few are enough to show that it works
    again. They must be heard for more than an hour.
    """
    lead = rules.coverage_silence_lead_hours
    found: _Outage | None = None
    for first, last in runs(port.heard[begin:end] < rules.coverage_port_low_share * level):
        if begin + first - (found.end if found else begin) > lead:
            break
        found = _Outage(found.first if found else begin + first, begin + last, level)
    return found


def _begin(port: _Port, low: NDArray[np.int64], end: int, rules: Rules) -> int | None:
    """Returns the first of some low hours of a run from which on it is an outage; None if it is none."""
    lead = rules.coverage_silence_lead_hours
    share, least = rules.coverage_silent_vessel_share, float(rules.coverage_port_cut_off_vessels)
    needed = np.maximum(share * port.usual[low], least)
    first, last = (np.searchsorted(port.fell.hours, low + shift) for shift in (-lead, lead))
    for number in np.flatnonzero(last > first).tolist():
        later = slice(*np.searchsorted(port.came.hours, [low[number], end + lead]))
        vessels = np.union1d(port.fell.mmsi[first[number] : last[number]], port.came.mmsi[later])
        if vessels.size >= needed[number]:
            return int(low[number])
    return None
