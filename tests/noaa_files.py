"""Lines and files in NOAA's layouts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from ais_indicators.contracts.row_rules import RowSplit, apply_row_rules
from ais_indicators.sources import (
    BRONZE_MESSAGES,
    FILE_LINE,
    SourceBlock,
    inspect,
    plan,
    read_chunk,
)
from tests.subject_rules import SHIP_RULES

HEADER_SHORT = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType"
HEADER_2015 = HEADER_SHORT + ",Status,Length,Width,Draft,Cargo"
HEADER_2018 = HEADER_2015 + ",TransceiverClass"
HEADER_2025 = (
    "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,"
    "length,width,draft,cargo,transceiver"
)
LINE_2015 = (
    "366940480,2017-01-04T11:39:36,52.48730,-174.02316,10.0,-140.7,267.0,EARLY DAWN,IMO7821130,WDB7319,1001,"
    "under way using engine,32.95,8.82,4.0,31"
)
LINE_2018 = (
    "636021061,2023-01-11T00:00:00,26.09241,-80.04806,8.8,272.7,270.0,MSC NAISHA III,IMO9307839,5LCB4,70,8.0,"
    "208.0,30.0,8.0,70.0,A"
)
LINE_2025 = (
    "366996430,2026-03-31 00:00:00,-82.55641,38.40362,0.1,295.2,100,CAPT JEFF IRBY,9134270,WDK7088,31,12,"
    "20,8,3.3,,A"
)
ROW_2018 = {
    "mmsi": 636021061,
    "message_type": None,
    "observed_at_utc": datetime(2023, 1, 11, tzinfo=UTC),
    "latitude": 26.09241,
    "longitude": -80.04806,
    "sog_knots": 8.8,
    "cog_degrees": 272.7,
    "heading_degrees": 270.0,
    "navigational_status": 8,
    "imo_number": 9307839,
    "vessel_name": "MSC NAISHA III",
    "call_sign": "5LCB4",
    "ais_ship_type": 70,
    "length_m": 208.0,
    "width_m": 30.0,
    "draught_m": 8.0,
    "destination": None,
    "eta_utc": None,
    "transceiver_class": "A",
    "altitude_m": None,
    "ground_flag": None,
    "station": None,
    "value_flags": None,
}
CSV = "\n".join([HEADER_2018, LINE_2018, "short", LINE_2018, ""]).encode()


def line(header: str = HEADER_2018, **fields: str) -> str:
    """A line of the layout, good but for the fields given under NOAA's names."""
    good = {HEADER_2015: LINE_2015, HEADER_2018: LINE_2018, HEADER_2025: LINE_2025}[header]
    return ",".join((dict(zip(header.split(","), good.split(","), strict=True)) | fields).values())


def read(path: Path, target_bytes: int = 1 << 26) -> SourceBlock:
    """All rows of a file."""
    chunks = plan(inspect(path, rules=SHIP_RULES), path.parent / "scratch", target_bytes, rules=SHIP_RULES)
    blocks = [block for chunk in chunks for block in read_chunk(chunk, SHIP_RULES)]
    rows, unreadable = (pa.concat_tables([getattr(b, n) for b in blocks]) for n in ("rows", "unreadable"))
    return SourceBlock(rows.drop_columns(FILE_LINE), unreadable)


def read_lines(tmp_path: Path, lines: Sequence[str | bytes], header: str = HEADER_2018) -> SourceBlock:
    """All rows of a file with these lines."""
    path = tmp_path / "day.csv"
    path.write_bytes(
        b"".join(text if isinstance(text, bytes) else f"{text}\n".encode() for text in (header, *lines))
    )
    return read(path)


def after_rules(tmp_path: Path, header: str = HEADER_2018, **fields: str) -> RowSplit:
    """A row as it is after the row rules."""
    return apply_row_rules(
        read_lines(tmp_path, [line(header, **fields)], header).rows, BRONZE_MESSAGES, None, SHIP_RULES
    )


def raw_rows(block: SourceBlock) -> list[str]:
    """The lines that could not be read."""
    return [str(text) for text in block.unreadable["raw_row"].to_pylist()]


def written(path: Path, content: bytes) -> Path:
    """A file with this content."""
    path.write_bytes(content)
    return path
