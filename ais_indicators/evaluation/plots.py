"""Pictures of an evaluation: arrivals true and found, errors of time, tracks on a map, a week of a port."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib
import polars as pl
from matplotlib.figure import Figure

from ais_indicators.evaluation.scores import Evaluation

matplotlib.use("Agg")

TRUE_COLOUR: Final = "#1b4965"
FOUND_COLOUR: Final = "#e07a2f"
SEA_COLOUR: Final = "#f4f7f9"
DOTS_PER_INCH: Final = 130
MOST_ERROR_MINUTES: Final = 30


def write_pictures(
    evaluation: Evaluation, positions: pl.DataFrame, areas: Sequence[Any], out: Path
) -> list[Path]:
    """Writes all pictures as PNG.

    Args:
        evaluation: What was found out.
        positions: Columns `track_id, observed_at_utc, latitude, longitude, port_locode` of some tracks, by time.
        areas: Polygons of the busiest port, each as its kind and its ring of longitudes and latitudes.
        out: Folder to write to.
    """
    out.mkdir(parents=True, exist_ok=True)
    drawn = {
        "arrivals.png": _arrivals(evaluation),
        "time_errors.png": _time_errors(evaluation),
        "tracks.png": _tracks(positions),
        "port_week.png": _port_week(positions, areas),
    }
    for name, figure in drawn.items():
        figure.savefig(out / name, dpi=DOTS_PER_INCH, metadata={"Software": None})
    return [out / name for name in drawn]


def _arrivals(evaluation: Evaluation) -> Figure:
    """Arrivals of each week, the true ones beside those found."""
    rows = evaluation.arrivals
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.add_subplot()
    places = range(rows.height)
    axes.bar([p - 0.2 for p in places], rows["true"], 0.4, color=TRUE_COLOUR, label="true")
    axes.bar([p + 0.2 for p in places], rows["found"], 0.4, color=FOUND_COLOUR, label="found")
    axes.set_xticks(list(places), rows["week"].to_list(), rotation=45, ha="right")
    axes.set(title="Arrivals, all ports", ylabel="port calls")
    axes.legend(frameon=False)
    return figure


def _time_errors(evaluation: Evaluation) -> Figure:
    """How far found times of arrival and departure lie from the true ones."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.add_subplot()
    edges = [minute - 0.5 for minute in range(-MOST_ERROR_MINUTES, MOST_ERROR_MINUTES + 2)]
    for errors, colour, label in (
        (evaluation.arrival_errors_minutes, TRUE_COLOUR, "arrival"),
        (evaluation.departure_errors_minutes, FOUND_COLOUR, "departure"),
    ):
        clipped = errors.clip(-MOST_ERROR_MINUTES, MOST_ERROR_MINUTES)
        axes.hist(clipped, edges, histtype="step", linewidth=1.5, color=colour, label=label)
    axes.set_yscale("symlog")
    axes.set(title="Found less true time", xlabel="minutes (the ends hold all beyond)", ylabel="port calls")
    axes.legend(frameon=False)
    return figure


def _tracks(positions: pl.DataFrame) -> Figure:
    """Tracks on a map in degrees; a track over the antimeridian is cut there."""
    figure = Figure(figsize=(10, 5.2), layout="constrained")
    axes = figure.add_subplot(facecolor=SEA_COLOUR)
    for (track,), rows in positions.group_by("track_id", maintain_order=True):
        longitude = rows["longitude"].to_list()
        latitude = rows["latitude"].to_list()
        for place in range(1, rows.height):
            if abs(longitude[place] - longitude[place - 1]) > 180:  # noqa: PLR2004 (degrees: half a turn)
                latitude[place] = float("nan")
        axes.plot(longitude, latitude, linewidth=0.5, color=f"C{int(str(track)) % 10}", alpha=0.8)
    axes.set(title="Tracks", xlabel="longitude", ylabel="latitude")
    axes.set_aspect(1.3)
    return figure


def _port_week(positions: pl.DataFrame, areas: Sequence[Any]) -> Figure:
    """One port's areas, and the tracks in and around them."""
    figure = Figure(figsize=(6.5, 6), layout="constrained")
    axes = figure.add_subplot(facecolor=SEA_COLOUR)
    colours = {"port": TRUE_COLOUR, "berth": "#2a9d8f", "anchorage": FOUND_COLOUR}
    for kind, ring in areas:
        axes.fill(*zip(*ring, strict=True), alpha=0.25, color=colours.get(kind, TRUE_COLOUR), label=kind)
    places = [place for _, ring in areas for place in ring]
    if places:
        (west, east), (south, north) = ((min(v), max(v)) for v in zip(*places, strict=True))
        near = positions.filter(
            pl.col("longitude").is_between(west - 0.1, east + 0.1)
            & pl.col("latitude").is_between(south - 0.1, north + 0.1)
        )
        for (track,), rows in near.group_by("track_id", maintain_order=True):
            axes.plot(
                rows["longitude"], rows["latitude"], ".-", ms=2, lw=0.4, color=f"C{int(str(track)) % 10}"
            )
        axes.set(xlim=(west - 0.05, east + 0.05), ylim=(south - 0.05, north + 0.05))
    handles, labels = axes.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    if once:
        axes.legend(once.values(), once.keys(), frameon=False)
    axes.set(title="The busiest port", xlabel="longitude", ylabel="latitude")
    return figure
