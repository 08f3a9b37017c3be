"""Records of releases for tests."""

from datetime import UTC, datetime
from typing import Any

from ais_indicators.releasing.record import ReleaseRecord


def release_record(**columns: Any) -> ReleaseRecord:
    """A record with these columns, as values or as JSON; the others are those of a release that recorded nothing."""
    record = dict.fromkeys(ReleaseRecord.model_fields) | {
        "release_id": "2026-W46-1",
        "release_sequence": 1,
        "week": "2026-W46",
        "published_at_utc": datetime(2026, 11, 16, tzinfo=UTC),
        "content_sha256": "",
        "observations": 0,
        "figure_files": {},
        "table_versions": {},
        "code_version": "",
        "rules_hash": "",
        "port_version": "",
        "input_hashes": (),
        "attributions": (),
        "warnings": (),
    }
    return ReleaseRecord.model_validate(record | columns)
