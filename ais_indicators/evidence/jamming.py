"""Reads in which hours of a week positions were jammed, compared with the weeks before."""

from collections.abc import Sequence

import polars as pl

from ais_indicators.io.freshness import MESSAGE_HOURS, POSITION_LOSSES
from ais_indicators.io.week_rows import read_weeks
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from ais_indicators.transforms.jamming import jammed_hours, losses_by_hour, usual_loss_rates


def read_jammed_hours(settings: Settings, week: Week, before: Sequence[Week], rules: Rules) -> pl.DataFrame:
    """Returns the cells and hours of a week that were jammed, compared with the weeks before it.

    Without an earlier week, there is no usual share, and no hour counts as jammed.
    """
    by_hour, earlier = (
        losses_by_hour(
            read_weeks(settings, POSITION_LOSSES, weeks), read_weeks(settings, MESSAGE_HOURS, weeks)
        )
        for weeks in ([week], before)
    )
    found = jammed_hours(by_hour, usual_loss_rates(earlier), rules)
    return found if before else found.clear()
