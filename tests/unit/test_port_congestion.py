"""Hours in port, at berth and waiting, and vessels that wait."""

from tests.builders import port_call, waiting_vessel
from tests.port_values import PORT, TANKER, TOTAL, W47, observe, of, weekly


def test_hours_of_ten_calls_have_a_median_and_a_90th_percentile() -> None:
    """Each lies on a line between the two nearest values."""
    calls = [
        port_call(
            f"2026-11-17 {n:02}:00", "2026-11-18 12:00", track=n, waiting_hours=float(n), stop_hours=2.0 * n
        )
        for n in range(1, 11)
    ]
    seen = of(weekly(calls), "2026-W47", PORT, TANKER)
    hours = {name: round(value, 9) for name, value in seen.items() if value is not None and "_hours_" in name}
    assert hours == {
        "median_hours_waiting": 5.5,
        "p90_hours_waiting": 9.1,
        "median_hours_at_berth": 11.0,
        "p90_hours_at_berth": 18.2,
        "median_hours_in_port": 30.5,
        "p90_hours_in_port": 34.1,
    }


def test_a_call_by_a_silence_has_no_hours_at_berth() -> None:
    seen = of(weekly([port_call(stop_hours=0.0)]), "2026-W47", PORT, TANKER)
    assert (seen["departures"], seen["median_hours_at_berth"]) == (1, None)


def test_ships_that_wait_count_in_the_week_that_ends_also_without_a_call() -> None:
    waiting = [
        waiting_vessel(1, "BEANR", week="2026-W47"),
        waiting_vessel(2, "BEANR", week="2026-W47", vessel_class="other"),
        waiting_vessel(3, "BEANR", week="2026-W48"),
        waiting_vessel(4, "suez", week="2026-W47", place_kind="gate"),
    ]
    rows = observe([port_call()], [W47], waiting=waiting)
    seen = {
        (r["port_locode"], r["vessel_class"]): r["value"] for r in rows if r["indicator"] == "vessels_waiting"
    }
    assert seen == {
        ("BEANR", TANKER): 1,
        ("BEANR", "other"): 1,
        ("BEANR", TOTAL): 2,
        (PORT, TANKER): 0,
        (PORT, TOTAL): 0,
        (TOTAL, TANKER): 1,
        (TOTAL, "other"): 1,
        (TOTAL, TOTAL): 2,
    }
    arrivals = {r["value"] for r in rows if (r["port_locode"], r["indicator"]) == ("BEANR", "arrivals")}
    assert arrivals == {0}
