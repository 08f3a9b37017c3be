"""Adds station and time of reception to sentences, in one tag block per line that `ingest` understands."""

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from ais_indicators.receive.lines import checksum, has_right_checksum

_LINE: Final = re.compile(
    rb"(?P<before>[^!$\\]*)(?P<blocks>(?:\\[^\\]*\\)*)(?P<between>[^!$\\]*)(?P<sentence>[!$].*)", re.DOTALL
)
_OWN_TIME: Final = re.compile(
    rb"(?<![\w-])(?:\d{10}(?:\d{3}){0,2}(?!\d)|\d{4}-?\d\d-?\d\d[ T,]?\d\d:?\d\d:?\d\d)"
)
"""A receiver's own column with a time: seconds, milliseconds or microseconds since 1970, or a date and time."""

_UNIT_PER_SECOND: Final = {10: 1.0, 13: 1e3, 16: 1e6}
_GROUPS_KEPT: Final = 256


@dataclass(frozen=True)
class TaggedLine:
    """One line as stored.

    Attributes:
        text: The line without its line end.
        station: Station in its tag block.
        time: Seconds since 1970 in its tag block; None if a sender's own time has another form.
        is_right: Whether the checksums of its sentence and of its tag blocks are right.
    """

    text: bytes
    station: str
    time: float | None
    is_right: bool


class Tagger:
    """Completes the tag blocks of one connection's lines.

    A sender's own statements are kept. Later lines of a group (`g:2-2-1234`) inherit station and time from its first
    line.
    """

    def __init__(self) -> None:
        self._groups: OrderedDict[bytes, dict[bytes, bytes]] = OrderedDict()

    def tag(self, line: bytes, station: str, time: float) -> TaggedLine:
        """Adds to a line what its tag blocks lack.

        Args:
            line: One sentence, with any tag blocks and columns of a receiver.
            station: Station of the connection.
            time: Time of reception in seconds since 1970.
        """
        parts = _LINE.fullmatch(line)
        blocks = re.findall(rb"\\([^\\]*)\\", parts["blocks"]) if parts else []
        if parts is None or not all(_is_block_right(block) for block in blocks):
            return TaggedLine(line, station, None, False)
        fields = [field for block in blocks for field in block.partition(b"*")[0].split(b",") if field]
        values = {field[:2]: field[2:] for field in fields if field[1:2] == b":"}
        has_own_column = _has_own_time(parts["before"], parts["between"], parts["sentence"])
        defaults = {b"s:": station.encode()} | ({} if has_own_column else {b"c:": b"%d" % int(time)})
        missing = {name: value for name, value in defaults.items() if not values.get(name)}
        missing = self._of_group(values, missing)
        if missing or len(blocks) > 1:
            fields = [field for field in fields if field not in (b"s:", b"c:")]
            content = b",".join([*fields, *(name + value for name, value in missing.items())])
            block = b"\\%s*%02X\\" % (content, checksum(content))
            line = parts["before"] + block + parts["between"] + parts["sentence"]
        values |= missing
        name = values[b"s:"].decode("ascii", "replace")
        return TaggedLine(line, name, _seconds(values.get(b"c:", b"")), has_right_checksum(line))

    def _of_group(self, values: dict[bytes, bytes], missing: dict[bytes, bytes]) -> dict[bytes, bytes]:
        """Fills in what is missing from the first line of the group."""
        group = values.get(b"g:", b"").partition(b"-")[2]
        if not group:
            return missing
        first = self._groups.setdefault(group, values | missing)
        while len(self._groups) > _GROUPS_KEPT:
            self._groups.popitem(last=False)
        number, total = values[b"g:"].partition(b"-")[0], group.partition(b"-")[0]
        if number == b"1":
            self._groups[group] = values | missing
            return missing
        if number == total:  # the number of a group is reused
            del self._groups[group]
        return {name: first.get(name, value) for name, value in missing.items()}


def _is_block_right(block: bytes) -> bool:
    """Checks a tag block without its backslashes; one without a checksum passes."""
    content, star, digits = block.partition(b"*")
    return not star or digits.upper() == b"%02X" % checksum(content)


def _has_own_time(before: bytes, between: bytes, sentence: bytes) -> bool:
    """Returns whether the sentence is accompanied by a receiver's own column with a time."""
    after = sentence.partition(b"*")[2][2:]
    return any(_OWN_TIME.search(text) for text in (before, between, after))


def _seconds(value: bytes) -> float | None:
    """Reads `c:` as seconds since 1970.

    >>> _seconds(b"1426032001500")
    1426032001.5
    """
    if re.fullmatch(rb"\d{10}\.\d+", value):
        return float(value)
    unit = _UNIT_PER_SECOND.get(len(value))
    return int(value) / unit if unit and value.isdigit() else None
