"""Which ship a track is, from what it said: a ship is known by its IMO number, else by MMSI and call sign.

An MMSI is not a ship: numbers are shared, passed on and changed. A report names a ship where it carries an IMO
number whose check digit is right, or a call sign; one without an IMO number belongs to the ship of that MMSI with the
same call sign or name. An event belongs to the ship that was named nearest in time: by its own track, else by its
MMSI, else it is known by the MMSI alone.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ais_indicators.fold.runs import run_ends, run_starts
from ais_indicators.rules import Rules

NO_TRACK: Final = 0
"""Track of reports that carry no position and are assigned to no track (`fold.shared_numbers`)."""

IDENTITY: Final = {
    "imo_number": pl.Int64,
    "vessel_name": pl.String,
    "call_sign": pl.String,
    "ais_ship_type": pl.Int64,
    "length_m": pl.Float64,
    "width_m": pl.Float64,
}
"""What a report says of the ship itself."""

REPORT_SCHEMA: Final[dict[str, Any]] = {
    "week_index": pl.Int64,
    "mmsi": pl.Int64,
    "track_id": pl.Int64,
    **IDENTITY,
    "messages": pl.Int64,
    "first_second": pl.Int64,
    "last_second": pl.Int64,
}
"""One row: what one track (or MMSI) said in one week, in equal words."""

NOTHING: Final = -1
"""Code of a value that was not said."""

_IMO_WEIGHTS: Final = (7, 6, 5, 4, 3, 2)
_KEYS: Final = ["week_index", "mmsi", "track_id", *IDENTITY]


@dataclass(frozen=True)
class Said:
    """What messages said of their ships, as numbers that compare fast.

    Attributes:
        codes: By column of `IDENTITY` one number per message: the value, or the place of a text in `words`; -1 for
            null.
        words: The distinct texts of the columns of text.
    """

    codes: dict[str, NDArray[Any]]
    words: dict[str, pl.Series]

    def of(self, chosen: Any) -> "Said":
        """Returns some of the messages, by a mask or their places."""
        return Said({name: codes[chosen] for name, codes in self.codes.items()}, self.words)

    def columns(self) -> dict[str, pl.Series]:
        """Returns the values, null if nothing was said."""
        found = {}
        for name, kind in IDENTITY.items():
            codes = pl.Series(name, self.codes[name])
            values = codes.set(codes == NOTHING, None)
            found[name] = self.words[name].gather(values) if name in self.words else values
            found[name] = found[name].cast(kind)
        return found


def is_imo_number(number: pl.Expr) -> pl.Expr:
    """Returns whether a number has seven digits of which the last is the check digit (methodology 3); false for null.

    >>> pl.select(is_imo_number(pl.Series([9134270, 9134271, None]))).to_series().to_list()
    [True, False, False]
    """
    number = pl.lit(number) if isinstance(number, pl.Series) else number
    total = pl.sum_horizontal(
        (number // 10 ** (6 - place)) % 10 * weight for place, weight in enumerate(_IMO_WEIGHTS)
    )
    has_seven_digits = (number >= 10**6) & (number < 10**7)
    return (has_seven_digits & (total % 10 == number % 10)).fill_null(False)


def collect_reports(
    week_index: int,
    mmsi: NDArray[np.int64],
    track_id: NDArray[np.int64],
    second: NDArray[np.int64],
    said: Said,
) -> pl.DataFrame:
    """Counts what was said by track, in columns of `REPORT_SCHEMA`.

    Messages repeat themselves, so runs of equal ones are brought together before anything is looked at.

    Args:
        week_index: Week of the messages.
        mmsi: MMSI of each message, shape (n,), as the other arrays.
        track_id: Its track; `NO_TRACK` where it has none.
        second: Its time in epoch seconds.
        said: What each message said.
    """
    if mmsi.size == 0:
        return pl.DataFrame(schema=REPORT_SCHEMA)
    starts = run_starts(mmsi, track_id, *said.codes.values())
    ends = run_ends(starts, mmsi.size)
    runs = pl.DataFrame(
        {
            "week_index": np.full(starts.size, week_index, np.int64),
            "mmsi": mmsi[starts],
            "track_id": track_id[starts],
            **said.of(starts).columns(),
            "messages": ends - starts,
            "first_second": second[starts],
            "last_second": second[ends - 1],
        }
    )
    return add_up_reports(runs.filter(pl.any_horizontal(pl.col(list(IDENTITY)).is_not_null())))


def add_up_reports(reports: pl.DataFrame) -> pl.DataFrame:
    """Brings equal reports of a week and track together; total order."""
    added = reports.group_by(_KEYS).agg(
        pl.col("messages").sum(), pl.col("first_second").min(), pl.col("last_second").max()
    )
    return added.select(list(REPORT_SCHEMA)).sort(_KEYS, nulls_last=True)


def identify(events: pl.DataFrame, reports: pl.DataFrame, rules: Rules) -> pl.Series:
    """Returns the ship of each event.

    Args:
        events: Columns `mmsi, track_id, second, week_index`, one row per event.
        reports: Columns of `REPORT_SCHEMA`; those of later weeks, and of weeks beyond the rule, do not count.
        rules: Rules of the lake's subject.

    Returns:
        `vessel_id` in the events' order: `imo-9134270`, `mmsi-366053209-WDE5199` or `mmsi-366053209`.
    """
    if events.is_empty():
        return pl.Series("vessel_id", [], pl.String)
    if reports.is_empty():
        return events.select(vessel_id=_by_number()).to_series()
    numbered = events.select("mmsi", "track_id", "second", "week_index").with_row_index("event")
    named = name_ships(reports, rules)
    own = _nearest(numbered, named, ["mmsi", "track_id"], rules)
    if own.height == numbered.height:
        return own["vessel_id"]
    number = _nearest(numbered, named, ["mmsi"], rules)
    return (
        numbered.join(own, on="event", how="left")
        .join(number, on="event", how="left", suffix="_of_mmsi")
        .sort("event")
        .select(vessel_id=pl.coalesce("vessel_id", "vessel_id_of_mmsi", _by_number()))
        .to_series()
    )


def name_ships(reports: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Returns the reports that name a ship, with its `vessel_id`."""
    number = pl.col("imo_number")
    said = reports.with_columns(
        imo=pl.when(is_imo_number(number) & ~number.is_in(rules.false_imo_numbers)).then(number),
        call=pl.col("call_sign").str.replace_all("[^A-Za-z0-9]", "").str.to_uppercase().replace("", None),
    )
    with_imo, without = said.filter(pl.col("imo").is_not_null()), said.filter(pl.col("imo").is_null())
    numbers = [pl.col("imo")]
    for column, found in (("call", "imo_of_call"), ("vessel_name", "imo_of_name")):
        if with_imo.is_empty() or without[column].null_count() == without.height:
            continue  # nothing to learn, or nobody to learn it
        known = (
            with_imo.filter(pl.col(column).is_not_null())
            .group_by("mmsi", column, "imo")
            .agg(pl.col("messages").sum())
            .sort("mmsi", column, "messages", "imo", descending=[False, False, True, False])
            .unique(["mmsi", column], keep="first", maintain_order=True)
            .select("mmsi", column, pl.col("imo").alias(found))
        )
        said = said.join(known, on=["mmsi", column], how="left")
        numbers.append(pl.col(found))
    imo = pl.coalesce(numbers)
    by_call = pl.concat_str(_by_number(), pl.lit("-"), pl.col("call"))
    return said.with_columns(
        vessel_id=pl.when(imo.is_not_null()).then(pl.concat_str(pl.lit("imo-"), imo)).otherwise(by_call)
    ).filter(pl.col("vessel_id").is_not_null())


def _by_number() -> pl.Expr:
    return pl.concat_str(pl.lit("mmsi-"), pl.col("mmsi").cast(pl.String).str.zfill(9))


def _nearest(events: pl.DataFrame, named: pl.DataFrame, keys: list[str], rules: Rules) -> pl.DataFrame:
    """Returns the ship that was named nearest to each event: of equals the one named most often, then latest."""
    said = named.select(*keys, "vessel_id", "messages", "first_second", "last_second", said_in="week_index")
    age = pl.col("week_index") - pl.col("said_in")
    early = pl.col("first_second") - pl.col("second")
    late = pl.col("second") - pl.col("last_second")
    return (
        events.join(said, on=keys)
        .filter(age >= 0, age < rules.class_mode_weeks)
        .with_columns(distance=pl.max_horizontal(early, late, pl.lit(0)))
        .group_by("event", "vessel_id")
        .agg(
            pl.col("distance").min(),
            pl.col("messages").filter(pl.col("distance") == pl.col("distance").min()).sum(),
            pl.col("last_second").max(),
        )
        .sort(
            "event", "distance", "messages", "last_second", "vessel_id",
            descending=[False, False, True, True, False],
        )
        .unique("event", keep="first", maintain_order=True)
        .select("event", "vessel_id")
    )  # fmt: skip
