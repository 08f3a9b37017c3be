"""Daily port indicators, and what the register adds to calls."""

from ais_indicators.transforms.port_activity import daily_port_activity, weekly_port_activity
from tests.builders import calls_frame, port_call, waiting_frame
from tests.port_values import PORT, TANKER, TOTAL, W46, W47, daily
from tests.subject_rules import SHIP_RULES


def test_days_have_rows_where_a_call_touches_them() -> None:
    figures = daily([port_call("2026-11-17 23:00", "2026-11-19 00:00", last_seen="2026-11-18 23:00")])
    at_port = {(k[0], k[3]): v for k, v in figures.items() if k[1:3] == (PORT, TANKER)}
    assert at_port == {
        ("2026-11-17", "arrivals"): 1,
        ("2026-11-17", "departures"): 0,
        ("2026-11-17", "unique_vessels"): 1,
        ("2026-11-18", "arrivals"): 0,
        ("2026-11-18", "departures"): 0,
        ("2026-11-18", "unique_vessels"): 1,
        ("2026-11-19", "arrivals"): 0,
        ("2026-11-19", "departures"): 1,
        ("2026-11-19", "unique_vessels"): 0,
    }


def test_days_of_other_weeks_stay_out_and_each_day_names_its_week() -> None:
    calls = calls_frame([port_call("2026-11-01 08:00", "2026-12-24 08:00")])
    rows = daily_port_activity(calls, [W46, W47], W47.plus(8), rules=SHIP_RULES)
    assert set(rows.select("observed_on", "week").rows()) == {(d, w.name) for w in (W46, W47) for d in w.days}
    assert set(rows.select("week", "obs_status").rows()) == {("2026-W46", "A"), ("2026-W47", "P")}


def test_daily_totals_count_a_ship_in_two_ports_once() -> None:
    calls = [
        port_call("2026-11-17 01:00", "2026-11-17 02:00", port="NLRTM"),
        port_call("2026-11-17 08:00", "2026-11-17 09:00", port="BEANR"),
    ]
    figures = daily(calls)
    assert figures["2026-11-17", TOTAL, TANKER, "unique_vessels"] == 1
    assert figures["2026-11-17", TOTAL, TOTAL, "arrivals"] == 2


def test_the_register_gives_class_and_tonnage_and_what_it_lacks_stays() -> None:
    calls = [port_call(track=n, vessel_class="cargo_unspecified") for n in (1, 2, 3)]
    calls.append(
        port_call(arrived=None, first_seen="2026-11-16 08:00", track=4, vessel_class="cargo_unspecified")
    )
    ids = [call["vessel_id"] for call in calls]
    register = [(ids[0], "container", 40_000.0), (ids[1], None, 5_000.0), (ids[3], "container", 70_000.0)]
    lying = waiting_frame([], register)
    rows = weekly_port_activity(calls_frame(calls, register), lying, [W47], W47, rules=SHIP_RULES).to_dicts()
    found = {
        (r["vessel_class"], r["indicator"]): r["value"]
        for r in rows
        if r["port_locode"] == PORT and r["indicator"] in ("arrivals", "arrivals_gross_tonnage")
    }
    assert found == {
        ("container", "arrivals"): 1,  # the other container ship's entry was not seen
        ("container", "arrivals_gross_tonnage"): 40_000,
        ("cargo_unspecified", "arrivals"): 2,
        ("cargo_unspecified", "arrivals_gross_tonnage"): 5_000,
        (TOTAL, "arrivals"): 3,
        (TOTAL, "arrivals_gross_tonnage"): 45_000,
    }
