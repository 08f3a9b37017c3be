"""Rules that one row must meet, as its table's contract declares them.

No row is dropped silently: a row that breaks a rule of a needed column is rejected with its reasons, and a value that
breaks a rule of an optional column becomes missing and leaves a flag.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ais_indicators.contracts.model import Column, RuleReference, bound_value, load_contract
from ais_indicators.rules import Rules
from ais_indicators.units import MICROSECONDS_PER_SECOND, SECONDS_PER_HOUR

VALUE_FLAGS: Final = "value_flags"
REJECT_REASONS: Final = "reject_reasons"
SEPARATOR: Final = ","

REASON_ORDER: Final = (
    "unreadable_row",
    "mmsi_lost_digits",
    "mmsi_not_a_ship",
    "latitude_not_available",
    "latitude_out_of_range",
    "longitude_not_available",
    "longitude_out_of_range",
    "null_island",
    "timestamp_unreadable",
    "timestamp_missing",
    "timestamp_before_ais",
    "timestamp_after_delivery",
)
"""Order of a row's reasons (methodology 4). Reasons that it does not name follow, in the contract's order."""

_LARGEST: Final = float(np.finfo(np.float64).max)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class RowSplit:
    """Rows after the rules; together they are the rows that came in.

    Attributes:
        accepted: Rows that keep every rule, in the order of the input: its columns, with sentinels and flagged values
            set to missing, and `value_flags`.
        rejected: Rows that break one: the input's columns, with their values as delivered, and
            `reject_reasons`.
        reasons: Number of rejected rows by reason, in the method's order. A row with two reasons counts for
            both.
    """

    accepted: pa.Table
    rejected: pa.Table
    reasons: dict[str, int]


@dataclass(frozen=True)
class _Findings:
    """Rows of one column without a value, with one that means "or more", or out of bounds; None for none."""

    missing: Mask | None = None
    censored: Mask | None = None
    out_of_range: Mask | None = None


def apply_row_rules(
    table: pa.Table, contract_name: str, delivered_at: datetime | None, rules: Rules
) -> RowSplit:
    """Splits rows into those that meet the contract's rules and those that do not.

    Args:
        table: Rows with some or all of the contract's columns, in its Arrow types. Other columns pass
            through, and flags in `value_flags` are kept.
        contract_name: `layer.name` of the contract.
        delivered_at: When the rows' file was delivered; without a zone it is read as UTC. None if unknown: then no row
            is too late.
        rules: Rules of the lake's subject.

    Raises:
        KeyError: The contract names a row rule that has no test here.
    """
    contract = load_contract(contract_name)
    table = table.combine_chunks()
    cleaned = table
    reasons: dict[str, Mask] = {}
    flags: dict[str, Mask] = {}
    for column in contract.columns:
        if column.name not in table.column_names:
            continue
        findings = _find(column, _single_chunk(table[column.name]), rules)
        if column.missing_reason or column.reject_reason:
            _note_reasons(column, findings, reasons)
        else:
            cleaned = _without_values(cleaned, column, findings, flags)
    for row_rule in contract.row_rules:
        _note(reasons, row_rule.reason, ROW_TESTS[row_rule.reason](table, delivered_at, rules))
    return _split(table, _with_flags(cleaned, flags), reasons)


def latest_credible_time(delivered_at: datetime, rules: Rules) -> int:
    """Returns the latest time, in microseconds since 1970, that a row of a file can have, given its delivery time.

    Args:
        delivered_at: When the file was delivered; without a zone it is read as UTC.
        rules: Rules of the lake's subject.
    """
    delivery = pa.scalar(delivered_at, pa.timestamp("us", "UTC")).cast(pa.int64()).as_py()
    tolerance = rules.delivery_tolerance_hours * SECONDS_PER_HOUR * MICROSECONDS_PER_SECOND
    latest: int = delivery + round(tolerance)
    return latest


def joined_labels(masks: dict[str, Mask], rows: int) -> pa.Array:
    """Joins for each row the names of the masks that contain it, comma separated; null if none does.

    Args:
        masks: Rows concerned by each name (at most 63 names), in the order in which names are written.
        rows: Number of rows.
    """
    codes = np.zeros(rows, np.int64)
    for bit, mask in enumerate(masks.values()):
        codes[mask] |= 1 << bit
    concerned = codes != 0
    if not concerned.any():
        return pa.nulls(rows, pa.string())
    distinct, position = np.unique(codes[concerned], return_inverse=True)
    names = list(masks)
    texts = [
        SEPARATOR.join(n for bit, n in enumerate(names) if code >> bit & 1) for code in distinct.tolist()
    ]
    indices = np.zeros(rows, np.int32)
    indices[concerned] = position
    return pa.array(texts, pa.string()).take(pa.array(indices, mask=~concerned))


def _find(column: Column, values: pa.Array, rules: Rules) -> _Findings:
    """Evaluates one column by its sentinels and bounds."""
    missing = values.is_null().to_numpy(zero_copy_only=False) if values.null_count else None
    if not _has_bounds(column):
        return _Findings(missing)
    numbers = _numbers(values)
    sentinels = (numbers == sentinel for sentinel in column.not_available)
    missing = _union([missing, np.isnan(numbers), *sentinels])
    known = True if missing is None else ~missing
    censored = None
    if column.censored_from is not None:
        censored = _some((numbers >= bound_value(column.censored_from, rules)) & known)
    wrong = ~_within(column, numbers, rules) & known
    return _Findings(missing, censored, _some(wrong if censored is None else wrong & ~censored))


def _has_bounds(column: Column) -> bool:
    limits = (column.minimum, column.maximum, column.below, column.censored_from)
    return bool(column.not_available or column.not_one_of) or any(limit is not None for limit in limits)


def _numbers(values: pa.Array) -> NDArray[Any]:
    """Returns the column's numbers as stored in memory, 0 for null."""
    filled: NDArray[Any] = (values.fill_null(0) if values.null_count else values).to_numpy()
    return filled


def _within(column: Column, numbers: NDArray[Any], rules: Rules) -> Mask:
    """Returns rows whose number is finite and within the column's bounds."""
    lowest, highest, below = (bound_value(b, rules) for b in (column.minimum, column.maximum, column.below))
    inside: Mask = numbers >= (-_LARGEST if lowest is None else lowest)
    inside &= numbers <= (_LARGEST if highest is None else highest)
    if below is not None:
        inside &= numbers < below
    if column.or_between is not None and not inside.all():
        least, greatest = (bound_value(bound, rules) for bound in column.or_between)
        inside |= (numbers >= least) & (numbers <= greatest)
    forbidden = (
        column.not_one_of.resolve(rules)
        if isinstance(column.not_one_of, RuleReference)
        else column.not_one_of
    )
    for number in forbidden:
        inside &= numbers != number
    return inside


def _note_reasons(column: Column, findings: _Findings, reasons: dict[str, Mask]) -> None:
    """Adds the rows that one column rejects."""
    wrong = _union([findings.out_of_range, findings.censored])
    if column.missing_reason:
        _note(reasons, column.missing_reason, findings.missing)
    reason = column.reject_reason or column.missing_reason
    if reason:
        _note(reasons, reason, wrong)


def _without_values(table: pa.Table, column: Column, findings: _Findings, flags: dict[str, Mask]) -> pa.Table:
    """Sets sentinels and wrong values of one optional column to missing, and notes the flags."""
    _note(flags, f"{column.stem}_censored", findings.censored)
    _note(flags, f"{column.stem}_out_of_range", findings.out_of_range)
    nulled = _union([findings.missing, findings.censored, findings.out_of_range])
    values = _single_chunk(table[column.name])
    if nulled is None or not _has_bounds(column) or int(nulled.sum()) == values.null_count:
        return table
    cleared = pa.array(_numbers(values), values.type, mask=nulled)
    return table.set_column(table.column_names.index(column.name), table.schema.field(column.name), cleared)


def _with_flags(table: pa.Table, flags: dict[str, Mask]) -> pa.Table:
    """Appends flags to the existing ones."""
    if VALUE_FLAGS not in table.column_names:
        return table.append_column(VALUE_FLAGS, joined_labels(flags, table.num_rows))
    if not flags:
        return table
    labels = joined_labels(flags, table.num_rows)
    earlier = _single_chunk(table[VALUE_FLAGS])
    if earlier.null_count < len(earlier):
        labels = pc.coalesce(pc.binary_join_element_wise(earlier, labels, SEPARATOR), earlier, labels)
    return table.set_column(table.column_names.index(VALUE_FLAGS), VALUE_FLAGS, labels)


def _split(delivered: pa.Table, cleaned: pa.Table, reasons: dict[str, Mask]) -> RowSplit:
    """Splits the rows; the rejected ones keep the delivered values."""
    rejected = _union(reasons.values())
    if rejected is None:
        none = delivered.slice(0, 0).append_column(REJECT_REASONS, pa.array([], pa.string()))
        return RowSplit(cleaned, none, {})
    ordered = {name: reasons[name] for name in sorted(reasons, key=_place)}
    labels = joined_labels(ordered, delivered.num_rows)
    leaves = pa.array(rejected)
    return RowSplit(
        accepted=cleaned.filter(pa.array(~rejected)),
        rejected=delivered.filter(leaves).append_column(REJECT_REASONS, labels.filter(leaves)),
        reasons={name: int(mask.sum()) for name, mask in ordered.items()},
    )


def _place(reason: str) -> int:
    """Returns the place of a reason in the method's order; unnamed ones come last."""
    return REASON_ORDER.index(reason) if reason in REASON_ORDER else len(REASON_ORDER)


def _is_null_island(table: pa.Table, _: datetime | None, __: Rules) -> Mask | None:
    """Returns whether latitude and longitude are both exactly 0."""
    on_equator = pc.equal(table["latitude"], 0)
    return _some(_filled(pc.and_(on_equator, pc.equal(table["longitude"], 0))))


def _is_before_ais(table: pa.Table, _: datetime | None, rules: Rules) -> Mask | None:
    """Returns whether the message is older than AIS: the clock that stamped it was never set."""
    first = pa.scalar(datetime(rules.first_message_year, 1, 1, tzinfo=UTC), pa.timestamp("us", "UTC"))
    return _some(_filled(pc.less(table["observed_at_utc"], first)))


def _is_after_delivery(table: pa.Table, delivered_at: datetime | None, rules: Rules) -> Mask | None:
    """Returns whether the message is later than its file's delivery plus the tolerance."""
    if delivered_at is None:
        return None
    observed = table["observed_at_utc"].cast(pa.int64())
    return _some(_filled(pc.greater(observed, latest_credible_time(delivered_at, rules))))


ROW_TESTS: Final[dict[str, Callable[[pa.Table, datetime | None, Rules], Mask | None]]] = {
    "null_island": _is_null_island,
    "timestamp_before_ais": _is_before_ais,
    "timestamp_after_delivery": _is_after_delivery,
}
"""Test of each rule over several columns, by its reason."""


def _note(found: dict[str, Mask], name: str, mask: Mask | None) -> None:
    """Adds rows to those that a name holds already."""
    together = _union([found.get(name), mask])
    if together is not None:
        found[name] = together


def _union(masks: Iterable[Mask | None]) -> Mask | None:
    """Returns rows in any mask; None if there is none."""
    union: Mask | None = None
    for mask in masks:
        if mask is not None and mask.any():
            union = mask if union is None else union | mask
    return union


def _some(mask: Mask) -> Mask | None:
    return mask if mask.any() else None


def _filled(mask: Any) -> Mask:
    """Converts an Arrow mask to NumPy, with null as False."""
    filled: Mask = pc.fill_null(mask, False).to_numpy()
    return filled


def _single_chunk(values: pa.ChunkedArray) -> pa.Array:
    return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
