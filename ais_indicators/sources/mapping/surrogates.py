"""Numbers in place of the MMSI for vessels that a feed names by a hash, where the mapping file says `hashed: true`.

A number is the first 48 bits of the SHA-256 of the text, added to the least surrogate number: the same for a text in
every file and lake, and far above every MMSI, so that it has no flag state and no entry in a register. Two of 10,000
vessels share a number with a chance of 2 in 10 million; they would be taken as one vessel.
"""

import hashlib
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ais_indicators.rules import SHIPS, Rules
from ais_indicators.sources.mapping.columns import ReadColumn, Reading, as_texts, without_marks

SURROGATE_FLAG: Final = "mmsi_surrogate"
"""Value flag of every row with such a number."""

_HASH_BYTES: Final = 6


def surrogate_number(text: str, rules: Rules) -> int:
    """Returns the number of a hashed identifier.

    >>> surrogate_number("a") == surrogate_number("a") != surrogate_number("b")
    True
    """
    digest = hashlib.sha256(text.encode()).digest()
    return rules.surrogate_mmsi_minimum + int.from_bytes(digest[:_HASH_BYTES])


def read_hashed(values: pa.Array, reading: Reading, rules: Rules) -> ReadColumn:
    """Reads a column of hashed identifiers; a row without one has no number.

    Args:
        values: As they were read from the file, shape (n,).
        reading: How the mapping file reads the column.
        rules: Rules of the lake's subject.

    Raises:
        TypeError: Its Arrow type is neither text nor numbers.
    """
    coded = without_marks(as_texts(values), reading).dictionary_encode()
    numbers = [surrogate_number(text, rules) for text in coded.dictionary.to_pylist()]
    return ReadColumn(pa.array(numbers, pa.int64()).take(coded.indices))


def without_surrogates(rows: pa.Table, rules: Rules) -> pa.Table:
    """Removes MMSIs in the range of hashes, so that the row rules reject such rows.

    Args:
        rows: Rows with the column `mmsi`, of a feed that does not name vessels by a hash.
        rules: Rules of the lake's subject.
    """
    numbers, least = rows["mmsi"], rules.surrogate_mmsi_minimum
    highest = pc.max(numbers).as_py()
    if rules.subject != SHIPS or highest is None or highest < least:
        return rows
    claimed = pc.and_(pc.greater_equal(numbers, least), pc.less_equal(numbers, rules.surrogate_mmsi_maximum))
    known = pc.if_else(claimed, pa.scalar(None, numbers.type), numbers)
    return rows.set_column(rows.column_names.index("mmsi"), rows.schema.field("mmsi"), known)
