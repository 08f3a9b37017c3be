"""Pictures of an evaluation: arrivals true and found, errors of time, tracks on a map, a week of a port."""

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import matplotlib
import polars as pl
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from ais_simulator.evaluation.scores import Evaluation

matplotlib.use("Agg")

TRUE_COLOUR: Final = "#1b4965"
FOUND_COLOUR: Final = "#e07a2f"
SEA_COLOUR: Final = "#f4f7f9"
DOTS_PER_INCH: Final = 130
MOST_ERROR_MINUTES: Final = 30
SHOWN_LATITUDES: Final = (-60, 75)


def write_pictures(
    evaluation: Evaluation, positions: pl.DataFrame, areas: Sequence[Any], out: Path
) -> list[Path]:
    """Writes all pictures as PNG.

    Args:
        evaluation: The evaluation.
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
    """Draws true and found arrivals: of each week, and of each port and week."""
    rows = evaluation.arrivals
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes, by_port = figure.subplots(1, 2, width_ratios=(3, 2))
    pairs = evaluation.port_arrivals
    most = max(pairs["true"].max() or 0, pairs["found"].max() or 0) + 1  # type: ignore[operator]
    by_port.plot((0, most), (0, most), color="#999999", linewidth=0.8)
    by_port.scatter(pairs["true"], pairs["found"], s=14, alpha=0.4, color=FOUND_COLOUR, linewidths=0)
    by_port.set(title="by port and week", xlabel="true", ylabel="found", aspect="equal")
    places = range(rows.height)
    axes.bar([p - 0.2 for p in places], rows["true"], 0.4, color=TRUE_COLOUR, label="true")
    axes.bar([p + 0.2 for p in places], rows["found"], 0.4, color=FOUND_COLOUR, label="found")
    axes.set_xticks(list(places), rows["week"].to_list(), rotation=45, ha="right")
    axes.set(title="Arrivals, all ports", ylabel="port calls")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.2)
    axes.legend(frameon=False, ncols=2, loc="upper left")
    return figure


def _time_errors(evaluation: Evaluation) -> Figure:
    """Draws the errors of found times of arrival and departure."""
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
    """Draws tracks on a map in degrees, over the sea lanes; a track across the antimeridian is cut there."""
    figure = Figure(figsize=(10, 5), layout="constrained")
    axes = figure.add_subplot(facecolor=SEA_COLOUR)
    axes.add_collection(LineCollection(_lanes(), colors="#cfd8dd", linewidths=0.4))
    for (track,), rows in positions.group_by("track_id", maintain_order=True):
        longitude = rows["longitude"].to_list()
        latitude = rows["latitude"].to_list()
        for place in range(1, rows.height):
            if abs(longitude[place] - longitude[place - 1]) > 180:  # noqa: PLR2004 (degrees: half a turn)
                latitude[place] = float("nan")
        axes.plot(longitude, latitude, linewidth=0.5, color=f"C{int(str(track)) % 10}", alpha=0.8)
    axes.set(title="Tracks of a week", xlabel="longitude", ylabel="latitude")
    axes.set(xlim=(-180, 180), ylim=SHOWN_LATITUDES, aspect=1.2)
    return figure


def _lanes() -> list[list[list[float]]]:
    """Returns lines of the sea network of searoute, as longitudes and latitudes."""
    text = (files("searoute") / "data" / "marnet_searoute.geojson").read_text(encoding="utf-8")
    lanes: list[list[list[float]]] = []
    for feature in json.loads(text)["features"]:
        lines = feature["geometry"]["coordinates"]
        lanes += lines if feature["geometry"]["type"] == "MultiLineString" else [lines]
    return lanes


def _port_week(positions: pl.DataFrame, areas: Sequence[Any]) -> Figure:
    """Draws one port's areas, and the tracks in and around them."""
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
