"""The bulletin of values that the complete pipeline made: from messages to a page."""

import re

from ais_indicators.publish.pages.bulletin import bulletin_page
from ais_indicators.releasing.bulletin_data import read_bulletin_data
from ais_indicators.releasing.history import read_history
from ais_indicators.settings import Settings
from tests.eight_weeks import LATE_WEEK, WEEKS
from tests.subject_rules import SHIP_RULES


def test_the_bulletin_of_a_real_release_shows_its_cells_trade_and_revisions(eight_weeks: Settings) -> None:
    data = read_bulletin_data(eight_weeks, "latest", SHIP_RULES)
    page = bulletin_page(data, "en", SHIP_RULES)
    assert data.activity["week"].unique().sort().to_list() == [week.name for week in WEEKS]
    assert data.cells is not None
    assert data.cells["hours"].sum() > 0
    assert "12 port calls began in week 2 of 2021." in page  # six tankers call at two ports
    assert 'id="trade"' in page
    assert re.search(r'<table id="revisions".*?Arrivals at ports', page, flags=re.S)
    assert page == bulletin_page(read_bulletin_data(eight_weeks, "latest", SHIP_RULES), "en", SHIP_RULES)


def test_the_vintages_of_a_late_week_stand_in_the_bulletin_of_the_last_one(eight_weeks: Settings) -> None:
    of_week = [row for row in read_history(eight_weeks).releases if row.week == LATE_WEEK.name]
    first, last = (read_bulletin_data(eight_weeks, of_week[at].release_id, SHIP_RULES) for at in (0, -1))
    arrivals = [vintage.headlines["arrivals"].value for vintage in last.vintages]
    assert (arrivals[0], arrivals[-1]) == (12.0, 13.0)
    assert len(first.vintages) == 1
    assert first.release.newer == of_week[-1].release_id
