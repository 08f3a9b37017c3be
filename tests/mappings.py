"""Mapping files and rows of feeds for tests, whole from a few keywords."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from ais_indicators.errors import BadInputError
from ais_indicators.sources.mapping import MappedRows, Mapping, load_mapping, shipped_mappings, to_rows
from tests.subject_rules import SHIP_RULES

MMSI = 219063000
NEEDED = {
    "mmsi": {"from": "mmsi"},
    "observed_at_utc": {"from": "time"},
    "latitude": {"from": "lat"},
    "longitude": {"from": "lon"},
}
GOOD_ROW = {"mmsi": "219063000", "time": "2026-11-16 10:00:00", "lat": "57.5", "lon": "8.25"}
DMA_HEADER = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,"
    "Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,A,B,C,D"
)
DMA_LINE = (
    "15/02/2023 00:00:00,Class A,219012382,57.123067,8.597717,Under way using engine,0.0,6.4,216.9,237,9134270,OXQX2,"
    "GOLIATH VIG,Tug,,6,18,GPS,2.7,HANSTHOLM;,17/02/2023 07:00:00,AIS,5,13,3,3"
)
UNGP_ROW: dict[str, Any] = {
    "mmsi": 247123456,
    "imo": 8959245,
    "vessel_name": "SAN MARCO",
    "callsign": "UWHW",
    "vessel_type": "Passenger",
    "vessel_type_code": 60,
    "vessel_type_cargo": "",
    "vessel_class": "A",
    "length": 56,
    "width": 11,
    "flag_country": "Italy",
    "flag_code": 247,
    "destination": "PELLESTRINA",
    "eta": 6141100,
    "draught": 6.0,
    "longitude": 12.35449,
    "latitude": 45.428425,
    "sog": 8.5,
    "cog": 310.7,
    "rot": 0.0,
    "heading": 311.0,
    "nav_status": "Under Way Using Engine",
    "nav_status_code": 0,
    "source": "T-AIS",
    "message_type": 1,
}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def mapping_file(tmp_path: Path, columns: dict[str, Any] | None = None, **keys: Any) -> Path:
    """A mapping file, good but for what is given; None takes a column or a key away."""
    content = {
        "layout": "office",
        "title": "Feed of an office",
        "format": "csv",
        "recognised_by": ["mmsi", "time"],
        "licence": "see the provider's terms",
        "attribution": "Office",
        "columns": {n: c for n, c in (NEEDED | (columns or {})).items() if c is not None},
    }
    path = tmp_path / "office.yaml"
    kept = {name: value for name, value in (content | keys).items() if value is not None}
    path.write_text(yaml.safe_dump(kept), encoding="utf-8")
    return path


def mapping(tmp_path: Path, columns: dict[str, Any] | None = None, **keys: Any) -> Mapping:
    return load_mapping(mapping_file(tmp_path, columns, **keys))


def refusal(tmp_path: Path, columns: dict[str, Any] | None = None, **keys: Any) -> str:
    with pytest.raises(BadInputError) as caught:
        mapping(tmp_path, columns, **keys)
    return str(caught.value)


def read(raw: dict[str, Any], how: Mapping) -> list[dict[str, Any]]:
    """Positions of a table that is given by its columns."""
    return list(to_rows(pa.table(raw), how, SHIP_RULES).positions.to_pylist())


def read_row(tmp_path: Path, columns: dict[str, Any], row: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """The one position of a good row with some fields more, or others."""
    raw = {
        name: value if isinstance(value, pa.Array) else [value] for name, value in (GOOD_ROW | row).items()
    }
    (position,) = read(raw, mapping(tmp_path, columns, **keys))
    return position


def shipped(layout: str) -> Mapping:
    return {one.layout: one for one in shipped_mappings()}[layout]


def dma_rows(*lines: str) -> MappedRows:
    columns = zip(*(line.split(",") for line in lines), strict=True)
    return to_rows(
        pa.table(dict(zip(DMA_HEADER.split(","), map(list, columns), strict=True))),
        shipped("dma"),
        SHIP_RULES,
    )


def dma_line(**fields: str) -> str:
    """A line of the layout, good but for the fields given; a blank in a name is written as an underscore."""
    good = dict(zip(DMA_HEADER.split(","), DMA_LINE.split(","), strict=True))
    given = {name.replace("_", " "): value for name, value in fields.items()}
    assert given.keys() <= good.keys()
    return ",".join((good | given).values())


def dma_position(**fields: str) -> dict[str, Any]:
    (row,) = dma_rows(dma_line(**fields)).positions.to_pylist()
    return dict(row)


def ungp_rows(rows: Sequence[dict[str, Any]], time: str = "dt_pos_utc") -> MappedRows:
    at = {time: utc("2023-06-10 10:01:47")}
    return to_rows(
        pa.Table.from_pylist([UNGP_ROW | at | row for row in rows]), shipped("un_global_platform"), SHIP_RULES
    )
