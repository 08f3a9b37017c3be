"""Scenario files whose shocks of what vessels send cannot be meant: each is refused with the key that is wrong."""

from pathlib import Path

import pytest

from ais_indicators.errors import BadInputError
from ais_simulator.scenario import load_scenario
from ais_simulator.shocks import Dark, Jamming, Spoofing

SPAN = "from_utc: 2026-01-05T06:00:00Z, to_utc: 2026-01-05T12:00:00Z"
REGION = "region: {latitude: 51, longitude: 4, radius_km: 50}"
POINT = "target: {shape: point, latitude: 51, longitude: 0}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"kind: spoofing, {SPAN}, {REGION}, {POINT}", "give vessels or share"),
        (f"kind: spoofing, {SPAN}, {REGION}, {POINT}, vessels: 5, share: 0.5", "give vessels or share"),
        (f"kind: spoofing, {SPAN}, {REGION}, {POINT}, vessels: 5, includes_arrivals: true", "needs share"),
        (f"kind: spoofing, {SPAN}, {POINT}, vessels: 5", "region: Field required"),
        (
            f"kind: spoofing, {SPAN}, {REGION}, vessels: 5, target: {{shape: square}}",
            "'point', 'circle', 'port'",
        ),
        (
            f"kind: spoofing, {SPAN}, {REGION}, vessels: 5, target: {{shape: circle, latitude: 1, longitude: 1}}",
            "radius_km: Field required",
        ),
        (f"kind: jamming, {SPAN}, {REGION}, share: 0.7, invalid_share: 0.4", "over 0 and at most 1"),
        (f"kind: jamming, {SPAN}, {REGION}, share: 0", "over 0 and at most 1"),
        (f"kind: dark, {SPAN}, share: 0.5", "give a region or `everywhere: true`"),
        (
            f"kind: dark, {SPAN}, share: 0.5, {REGION}, everywhere: true",
            "give a region or `everywhere: true`",
        ),
        (f"kind: dark, {SPAN}, share: 1.5, everywhere: true", "share"),
        (f"kind: dark, {SPAN}, share: 0.5, everywhere: true, vessel_class: yacht", "vessel_class"),
        ("kind: dark, from_utc: 2026-01-05, to_utc: 2026-01-06, share: 1, everywhere: true", "need a Z"),
    ],
)
def test_a_shock_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(f"shocks:\n- {{{text}}}\n", encoding="utf-8")
    with pytest.raises(BadInputError, match=said):
        load_scenario(str(file))


def test_each_kind_is_read(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    shocks = (
        f"kind: spoofing, {SPAN}, {REGION}, {POINT}, share: 0.5, includes_arrivals: true",
        f"kind: jamming, {SPAN}, {REGION}, share: 0.6, invalid_share: 0.4",
        f"kind: dark, {SPAN}, {REGION}, share: 1, vessel_class: tanker",
    )
    file.write_text("shocks:\n" + "".join(f"- {{{text}}}\n" for text in shocks), encoding="utf-8")
    assert [type(shock) for shock in load_scenario(str(file)).shocks] == [Spoofing, Jamming, Dark]
