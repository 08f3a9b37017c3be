"""Seasonal adjustment of one weekly series: robust STL on logarithms, after the effect of holidays.

Source: Cleveland and others 1990, STL; methodology 12. A week's value rests on the weeks up to it alone, so that later
weeks never change it.
"""

from typing import Any, Final

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from statsmodels.tsa.seasonal import STL

from ais_indicators.rules import Rules
from ais_indicators.transforms.week_calendar import WeekCalendar

WEEKS_A_YEAR: Final = 52
"""Period of the season. A year has 52.18 weeks: the season, which may change, follows the fifth of a week a year."""

Floats = NDArray[np.float64]


def seasonally_adjusted(values: Floats, calendar: WeekCalendar, rules: Rules) -> float | None:
    """Returns the last value without season and holidays.

    Args:
        values: Consecutive weeks, not a number where missing.
        calendar: Of these weeks.
        rules: Rules of the lake's subject.

    Returns:
        The adjusted value; None if the weeks are fewer than two years, too many are missing or 0, or the last one
        is.
    """
    known = np.isfinite(values) & (values > 0)  # a zero has no logarithm: left out like a missing week
    is_enough = values.size >= 2 * WEEKS_A_YEAR and known.mean() >= 1 - float(rules.series_max_missing_share)
    if not is_enough or not known[-1] or not known[0]:
        return None
    weeks = np.arange(values.size)
    logs = np.interp(weeks, weeks[known], np.log(values[known]))
    effect = _holiday_effect(logs - _stl(logs, rules).trend, calendar, rules)
    season = _stl(logs - effect, rules).seasonal
    return float(np.exp(logs[-1] - effect[-1] - season[-1]))


def _stl(logs: Floats, rules: Rules) -> Any:
    """Returns the season by weighted means over the years: a line through a few would treat a new fall as a season."""
    smoother = rules.series_seasonal_smoother_years
    return STL(logs, period=WEEKS_A_YEAR, seasonal=smoother, seasonal_deg=0, robust=True).fit()


def _holiday_effect(detrended: Floats, calendar: WeekCalendar, rules: Rules) -> Floats:
    """Returns the effect of holidays on the logarithm in each week; 0 without a clear effect, or if hardly ever met.

    They are estimated together with a smooth season. Means of each week of the year would take up the holidays of a
    fixed date, and be wrong in the years in which these fall into the week before or after.
    """
    holidays = calendar.holidays
    met = np.flatnonzero((holidays > 0).sum(axis=0) >= rules.series_min_holidays)
    if met.size == 0 or np.allclose(detrended, detrended[0]):
        return np.zeros_like(detrended)
    model = sm.OLS(detrended, np.hstack([holidays[:, met], calendar.seasons])).fit()
    is_clear = np.abs(model.tvalues[: met.size]) >= rules.series_holiday_significance
    effect: Floats = holidays[:, met] @ np.where(is_clear, model.params[: met.size], 0.0)
    return effect
