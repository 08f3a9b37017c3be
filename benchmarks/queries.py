"""The peers' SQL files, with the method's own thresholds filled in: no number is in two places."""

from pathlib import Path
from string import Template
from typing import Any

from ais_indicators.rules import load_rules
from ais_indicators.units import KM_PER_NAUTICAL_MILE
from benchmarks.ports import TILES_PER_DEGREE

_FOLDER = Path(__file__).parent / "sql"


def query(peer: str, name: str, **places: object) -> str:
    """Reads `sql/<peer>/<name>.sql` and fills in thresholds (`$rule_name`) and places (`$out`, ...)."""
    template = Template((_FOLDER / peer / f"{name}.sql").read_text(encoding="utf-8"))
    return template.substitute(_thresholds() | {key: _literal(value) for key, value in places.items()})


def _thresholds() -> dict[str, str]:
    values = {r.name: _literal(r.value) for r in load_rules().values()}
    return values | {
        "km_per_nautical_mile": str(KM_PER_NAUTICAL_MILE),
        "tiles_per_degree": str(TILES_PER_DEGREE),
        "vessel_class_cases": _class_cases(),
    }


def _class_cases() -> str:
    by_tens = load_rules()["vessel_class_by_ais_type"].value
    return " ".join(f"WHEN {tens} THEN '{name}'" for tens, name in by_tens.items())


def _literal(value: Any) -> str:
    """Formats a value for SQL; a text or path is inside quotes of the file itself."""
    return "(" + ", ".join(map(str, value)) + ")" if isinstance(value, list) else str(value)
