"""`sources check --json`: what was seen of a file, in types that JSON knows, also where rows are rejected."""

import json
from pathlib import Path

import pytest

from ais_indicators import runner
from ais_indicators.cli.console import show_ingested, show_look
from ais_indicators.ingestion.source_check import look_at
from ais_indicators.job import Job
from ais_indicators.settings import Settings
from tests.subject_rules import SHIP_RULES

HEADER = "MMSI,BaseDateTime,LAT,LON,SOG\n"
GOOD = "366998000,2020-01-01T00:00:00,29.5,-94.5,10.0\n"
NO_SHIP = "12,2020-01-01T00:00:00,29.5,-94.5,10.0\n"
UNREADABLE = "366998000,2020-01-01T00:00:00\n"


def test_a_file_with_rejected_and_unreadable_rows_is_reported_in_json(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "day.csv"
    path.write_text(HEADER + GOOD + NO_SHIP + UNREADABLE)
    said = json.loads(json.dumps(look_at(settings, path, rules=SHIP_RULES).plain()))
    assert said["reasons"] == {"mmsi_not_a_ship": 1, "unreadable_row": 1}
    assert (said["rows_read"], said["rows_accepted"], said["rows_quarantined"]) == (3, 1, 2)
    assert set(said["examples"]) == {"mmsi_not_a_ship", "unreadable_row"}
    (sample,) = said["samples"]["bronze.ais_messages"]
    assert (sample["mmsi"], sample["observed_at_utc"]) == (366998000, "2020-01-01T00:00:00+00:00")


NAMES = ("ZÜRICH", "ODENSE", "MÅLØY")
NAMED = "MMSI,BaseDateTime,LAT,LON,SOG,VesselName\n" + "".join(
    f"36699800{n},2020-01-01T00:00:00,29.5,-94.5,10.0,{name}\n" for n, name in enumerate(NAMES)
)


@pytest.mark.parametrize(("encoding", "rows"), [("latin-1", 2), ("utf-8", 0)])
def test_names_in_another_encoding_are_left_empty_with_a_warning(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str, rows: int
) -> None:
    path = tmp_path / "day.csv"
    path.write_bytes(NAMED.encode(encoding))
    look = look_at(settings, path, rules=SHIP_RULES)
    (report,) = runner.run_task("ingest_messages", Job(settings, paths=(path,))).files
    assert (look.unreadable_texts, report.unreadable_texts, report.rows_accepted) == (rows, rows, 3)
    show_look(look, SHIP_RULES)
    of_look = capsys.readouterr().err
    show_ingested([report], SHIP_RULES)
    for said in (of_look, capsys.readouterr().err):
        assert (f"day.csv: {rows} rows have a name" in " ".join(said.split())) is bool(rows)
