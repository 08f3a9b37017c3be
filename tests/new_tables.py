"""Makes the tables of new lakes on a disk from the first record of a table that was made before.

The suite makes hundreds of lakes of some fifty tables each. Delta makes each table once in each process. Later ones get
the same record with an identity and a time of their own.
"""

import json
import time
import uuid
from pathlib import Path
from typing import Any, Final

import pytest
from deltalake import DeltaTable

from ais_indicators.io.open_tables import LOG
from ais_indicators.io.store import SCHEME_END

FIRST_RECORD: Final = f"{LOG}/{0:020d}.json"
MILLISECONDS: Final = 1000
MAKE_BY_DELTA: Final = DeltaTable.create


def install(patch: pytest.MonkeyPatch) -> None:
    """Lets tables that are made alike share their first record."""
    create, records = MAKE_BY_DELTA, dict[str, list[dict[str, Any]]]()

    def create_or_copy(location: str, schema: Any, **options: Any) -> None:
        record = Path(location) / FIRST_RECORD
        if SCHEME_END in location or options.get("mode") != "ignore" or record.exists():
            create(location, schema, **options)
            return
        key = f"{schema.to_json()} {sorted(options.items(), key=lambda option: option[0])}"
        if key not in records:
            create(location, schema, **options)
            records[key] = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
            return
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text("".join(_as_new(action) for action in records[key]), encoding="utf-8")

    patch.setattr(DeltaTable, "create", staticmethod(create_or_copy))


def _as_new(action: dict[str, Any]) -> str:
    """A line of the record of another table, made now."""
    now = int(time.time() * MILLISECONDS)
    if "metaData" in action:
        action = {"metaData": action["metaData"] | {"id": str(uuid.uuid4()), "createdTime": now}}
    if "commitInfo" in action:
        action = {"commitInfo": action["commitInfo"] | {"timestamp": now}}
    return json.dumps(action) + "\n"
