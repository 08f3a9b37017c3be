"""Charts: names at the ends of lines that do not overlap, and axes of ISO weeks that name each year once."""

import re
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ais_indicators.publish.pages.catalogue import open_catalogue
from ais_indicators.publish.pages.charts import (
    LABEL_LINE_PX,
    Bar,
    Line,
    bar_chart,
    line_chart,
    spread_labels,
)
from ais_indicators.publish.pages.figures import Figure
from tests.released_weeks import weeks_to
from tests.subject_rules import SHIP_RULES

HEIGHT_PX = 200.0
LABELS = st.lists(
    st.tuples(st.floats(0.0, 100.0), st.integers(1, 3)), min_size=1, max_size=4, unique_by=lambda one: one[0]
)


def label(number: int, value: float, lines: int) -> dict[str, Any]:
    return {"line": f"line {number}", "value": value, "text": ["word"] * lines}


@given(LABELS)
def test_labels_do_not_overlap_keep_their_order_and_stay_in_the_plot(wanted: list[tuple[float, int]]) -> None:
    labels = [label(number, *one) for number, one in enumerate(wanted)]
    spread = spread_labels(labels, 100.0, HEIGHT_PX)
    edges = []
    for one in spread:
        middle_of_first_px = one["value"] / 100.0 * HEIGHT_PX
        top = middle_of_first_px + LABEL_LINE_PX / 2.0
        edges += [top - LABEL_LINE_PX * len(one["text"]), top]
    assert all(above - below > -1e-6 for below, above in pairwise(edges))
    assert edges[0] > -1e-6
    assert edges[-1] < HEIGHT_PX + 1e-6
    ends = {one["line"]: one["value"] for one in labels}
    assert [ends[one["line"]] for one in spread] == sorted(ends.values())


def test_a_label_that_has_room_stays_at_the_end_of_its_line() -> None:
    (one,) = spread_labels([label(0, 50.0, 1)], 100.0, HEIGHT_PX)
    assert one["value"] == 50.0


def axis_of(weeks: list[str], language: str = "en") -> list[str]:
    """What is written on the axis of weeks of a chart."""
    line = Line("arrivals", {week: Figure(float(10 + n % 7), "calls", "P") for n, week in enumerate(weeks)})
    svg = line_chart(open_catalogue(language, SHIP_RULES), "chart", [line], "title", "alternative")
    return re.findall(r"[WS]\d\d|\b20\d\d\b", re.sub(r"<[^>]+>", " ", svg))


def test_the_axis_has_iso_weeks_and_each_year_once() -> None:
    assert axis_of(weeks_to("2026-W02", 4)) == ["W51", "2025", "W52", "W01", "2026", "W02"]
    assert axis_of(weeks_to("2026-W08", 3), "fr") == ["S06", "2026", "S07", "S08"]
    assert axis_of(["2026-W07"]) == ["W07", "2026"]


def test_years_of_weeks_are_named_by_the_iso_year() -> None:
    written = axis_of(weeks_to("2026-W53", 157))
    assert [text for text in written if text.startswith("20")] == ["2024", "2025", "2026"]
    assert written[-1] == "W53" or written[-2:] == ["W53", "2026"]


def test_bars_keep_their_order_where_one_has_no_value_and_carry_their_values() -> None:
    bars = [Bar("first", None, None, "c"), Bar("second", 5.0, 3.0, "5 (+2)"), Bar("third", 0.0, None, "0")]
    svg = bar_chart(open_catalogue("en", SHIP_RULES), "chart", bars, "title", "alternative")
    texts = {
        text: float(y)
        for y, text in re.findall(r"<text [^>]*translate\([-\d.]+,([-\d.]+)\)[^>]*>([^<]+)<", svg)
    }
    places = [texts[name] for name in ("first", "second", "third")]
    assert places == sorted(places)
    assert {"c", "5 (+2)", "0"} <= set(texts)
