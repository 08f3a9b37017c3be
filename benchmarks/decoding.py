"""`python -m benchmarks.decoding`: messages decoded per second from raw sentences, compared with pyais, on one core.

The feed is made of real movements: messages of NOAA's day as type 1 sentences with tag blocks, and each ship's static
report (type 5, two fragments) with its first message and every six minutes after, as ships send it.
"""

import argparse
import io
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from statistics import median
from typing import Any

import duckdb
import pyais
from pyais.stream import IterMessages

from ais_indicators.rules import SHIPS, Rules
from ais_indicators.sources.nmea.reading import read_nmea
from benchmarks import inputs
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.tables import table

STATIC_EVERY_SECONDS = 360
PART_BYTES = 16 * 1024 * 1024
TARGET = 20.0
PASSES = {"product": 20, "pyais": 1}
"""How often a turn decodes the log: one pass of the product takes so short a time that waking the core and filling its
caches would be half of what is measured."""
HEAD = """# Decoding of raw sentences

A log of {lines:,} lines, {share:.0%} of its messages positions, is decoded by the
product's reader (sentences to Arrow tables with the columns of bronze) and by pyais alone (`IterMessages`, then
`decode` and `asdict` of each message), turn by turn in one process that is bound to one core. Both find the same
messages. Positions are those of one real day of NOAA; static reports are made up and repeat every six minutes.
In its turn the product decodes the log {passes} times and pyais once, so that both are measured over seconds; times
are those of one pass. They do not hold the making of the log, nor a first warming run of each.
"""


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `decoding.md` and `decoding.json`; without the shared data it says so."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decoding", description=__doc__)
    parser.add_argument("--messages", type=int, default=200_000, help="positions in the log")
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of each")
    add_options(parser)
    chosen = parser.parse_args(arguments)
    if not inputs.MESSAGES.exists():
        print(f"No benchmark: {inputs.MESSAGES.name} not found under ../shared/data.")
        return 0
    records = begin("decoding", chosen, cores=1)
    log = "".join(f"{line}\n" for line in log_lines(chosen.messages)).encode()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    figures = compare(log, chosen.repeats)
    write_page("decoding", chosen.out, figures, text_of(figures), records)
    print(f"product {figures['ratio']:.1f} times as fast as pyais alone")
    return 0


def log_lines(messages: int) -> Iterator[str]:
    """Sentences of the day's first messages, in the order of time."""
    relation = duckdb.sql(
        f"SELECT MMSI, BaseDateTime, LAT, LON, SOG, COG, Heading FROM '{inputs.MESSAGES}' "
        f"WHERE MMSI BETWEEN 201000000 AND 775999999 ORDER BY BaseDateTime, MMSI LIMIT {messages}"
    )
    rows = relation.fetchall() if relation else []
    static_due: dict[int, float] = {}
    for mmsi, observed, latitude, longitude, sog, cog, heading in rows:
        second = observed.timestamp()
        if second >= static_due.get(mmsi, 0):
            static_due[mmsi] = second + STATIC_EVERY_SECONDS
            yield from tagged(static_of(mmsi), observed)
        position = {
            "type": 1, "mmsi": mmsi, "lat": latitude, "lon": longitude, "speed": min(abs(sog), 102.2),
            "course": cog % 360, "heading": int(heading) % 512, "status": 0,
        }  # fmt: skip
        yield from tagged(position, observed)


def static_of(mmsi: int) -> dict[str, Any]:
    """A static report that is the ship's own."""
    return {
        "type": 5, "mmsi": mmsi, "imo": 9000000 + mmsi % 900000, "callsign": f"C{mmsi % 100000}",
        "shipname": f"VESSEL {mmsi % 100000}", "ship_type": 70 + mmsi % 20, "to_bow": 100, "to_stern": 50,
        "to_port": 10, "to_starboard": 10, "draught": 7.5, "destination": "HOUSTON", "month": 1, "day": 3,
        "hour": 12, "minute": 0,
    }  # fmt: skip


def tagged(message: dict[str, Any], observed: datetime) -> list[str]:
    """The sentences of a message, each with the time in its tag block."""
    tag = f"c:{int(observed.timestamp())}"
    total = 0
    for byte in tag.encode():
        total ^= byte
    return [
        f"\\{tag}*{total:02X}\\{sentence}"
        for sentence in pyais.encode_dict(message, talker_id="AI", sentence_type="VDM")
    ]


def compare(log: bytes, repeats: int) -> dict[str, Any]:
    """Runs both in turn; returns the results of all runs."""
    decoders: dict[str, Callable[[bytes], Counter[int]]] = {"product": by_product, "pyais": by_pyais}
    counts = {name: decode(log) for name, decode in decoders.items()}
    if counts["product"] != counts["pyais"]:
        raise RuntimeError(f"they differ: {counts}")
    walls: dict[str, list[float]] = {name: [] for name in decoders}
    for _ in range(repeats):
        for name, decode in decoders.items():
            started = time.perf_counter()
            for _ in range(PASSES[name]):
                decode(log)
            walls[name].append((time.perf_counter() - started) / PASSES[name])
    ratios = [theirs / ours for ours, theirs in zip(walls["product"], walls["pyais"], strict=True)]
    return {
        "lines": log.count(b"\n"),
        "messages": {str(kind): count for kind, count in sorted(counts["product"].items())},
        "walls_s": walls,
        "messages_per_second": {
            name: sum(counts["product"].values()) / median(of) for name, of in walls.items()
        },
        "ratio": median(ratios),
        "ratios": ratios,
    }


def by_product(log: bytes) -> Counter[int]:
    """Decodes with the product's reader; messages by type."""
    stream, counts = io.BytesIO(log), Counter[int]()
    for start in range(0, len(log), PART_BYTES):
        block = read_nmea(stream, start, min(start + PART_BYTES, len(log)), rules=Rules.for_subject(SHIPS))
        for rows in (block.rows, block.statics):
            for entry in rows["message_type"].value_counts().to_pylist():
                counts[entry["values"]] += entry["counts"]
    return counts


def by_pyais(log: bytes) -> Counter[int]:
    """Decodes with pyais alone; messages by type."""
    counts = Counter[int]()
    for sentence in IterMessages(log.splitlines()):
        counts[int(str(sentence.decode().asdict()["msg_type"]))] += 1
    return counts


def text_of(figures: dict[str, Any]) -> str:
    """The page."""
    total = sum(figures["messages"].values())
    head = HEAD.format(
        lines=figures["lines"], share=figures["messages"]["1"] / total, passes=PASSES["product"]
    )
    ratios = figures["ratios"]
    rows = [
        (
            {"product": "ais-indicators", "pyais": "pyais alone"}[name],
            f"{median(walls):.2f}",
            f"{min(walls):.2f} to {max(walls):.2f}",
            f"{total / median(walls):,.0f}",
        )
        for name, walls in figures["walls_s"].items()
    ]
    target = (
        "times pyais alone, one core",
        f"at least {TARGET:.0f}",
        f"{figures['ratio']:.1f} ({min(ratios):.1f} to {max(ratios):.1f})",
        "yes" if figures["ratio"] >= TARGET else "no",
    )
    return "\n".join(
        [
            head,
            table(("target", "wanted", "measured", "met"), [target]),
            "",
            table(("", "median s", "spread s", "messages/s"), rows),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
