"""`sources check --json`: what was seen of a file, in types that JSON knows, also where rows are rejected."""

import json
from pathlib import Path

from ais_indicators.ingestion.source_check import look_at
from ais_indicators.settings import Settings

HEADER = "MMSI,BaseDateTime,LAT,LON,SOG\n"
GOOD = "366998000,2020-01-01T00:00:00,29.5,-94.5,10.0\n"
NO_SHIP = "12,2020-01-01T00:00:00,29.5,-94.5,10.0\n"
UNREADABLE = "366998000,2020-01-01T00:00:00\n"


def test_a_file_with_rejected_and_unreadable_rows_is_reported_in_json(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "day.csv"
    path.write_text(HEADER + GOOD + NO_SHIP + UNREADABLE)
    said = json.loads(json.dumps(look_at(settings, path).plain()))
    assert said["reasons"] == {"mmsi_not_a_ship": 1, "unreadable_row": 1}
    assert (said["rows_read"], said["rows_accepted"], said["rows_quarantined"]) == (3, 1, 2)
    assert set(said["examples"]) == {"mmsi_not_a_ship", "unreadable_row"}
    (sample,) = said["samples"]["bronze.ais_messages"]
    assert (sample["mmsi"], sample["observed_at_utc"]) == (366998000, "2020-01-01T00:00:00+00:00")
