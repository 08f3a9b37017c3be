"""Speed of the simulated radio: a day of 400 ships in each format, in seconds of one processor.

Run `python -m benchmarks.simulated_radio [thin seconds] [scenario]` from the repository's folder.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

from ais_simulator.radio import FORMATS, day_messages, write_day
from ais_simulator.scenario import load_scenario
from tests.radio_sea import busy_sea

SHIPS = 400


def main(thin_s: int = 60, scenario_name: str = "standard") -> None:
    """Prints a line a format; everything is compiled before."""
    scenario, sea = load_scenario(scenario_name), busy_sea(SHIPS)
    with tempfile.TemporaryDirectory() as folder:
        for written_as in FORMATS:
            write_day(day_messages(busy_sea(20), scenario, 600, 1), written_as, Path(folder))
        for written_as in FORMATS:
            start = time.process_time()
            messages = day_messages(sea, scenario, thin_s, 1)
            made = time.process_time()
            size = write_day(messages, written_as, Path(folder)).stat().st_size
            written, rows = time.process_time(), messages.positions.size
            print(
                f"{written_as}: {rows:,} rows, {size / 1e6:.0f} MB, made in {made - start:.2f} s, written in "
                f"{written - made:.2f} s: {rows / (written - start):,.0f} rows/s; "
                f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
            )


if __name__ == "__main__":
    main(*(kind(text) for kind, text in zip((int, str), sys.argv[1:], strict=False)))
