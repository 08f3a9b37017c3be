"""Processes what the inputs receive: tags it, stores it and counts it. The only writer of the spool."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ais_indicators.receive.base_station import reported_time
from ais_indicators.receive.clock import Reading, ReceptionClock
from ais_indicators.receive.counters import Counters
from ais_indicators.receive.lines import LineSplitter
from ais_indicators.receive.spool import Spool
from ais_indicators.receive.tag_blocks import Tagger


@dataclass
class Feed:
    """One connection, or one sender of datagrams or posts.

    Attributes:
        station: Station of its lines that name none.
        splitter: Cuts its bytes into lines.
        tagger: Completes its tag blocks.
    """

    station: str
    splitter: LineSplitter = field(default_factory=LineSplitter)
    tagger: Tagger = field(default_factory=Tagger)


class Intake:
    """Stores and counts the lines of all feeds.

    Attributes:
        refused: Lines that the spool refused because quota or disk was full.
    """

    def __init__(self, spool: Spool, counters: Counters, clock: ReceptionClock) -> None:
        self.spool, self.counters, self.clock = spool, counters, clock
        self.refused = 0

    def take_stream(self, feed: Feed, data: bytes) -> bool:
        """Processes bytes of a stream; returns whether all complete lines were stored."""
        return self._take(feed, _untimed(feed.splitter.feed(data)))

    def take_datagram(self, feed: Feed, data: bytes) -> bool:
        """Processes a datagram; returns whether all its lines were stored."""
        return self._take(feed, _untimed(feed.splitter.feed_datagram(data)))

    def end_stream(self, feed: Feed) -> None:
        """Ends a stream; an incomplete line at its end counts as lost."""
        self._take(feed, _untimed(feed.splitter.finish()))

    def take_items(self, feed: Feed, items: Sequence[tuple[bytes, float | None]]) -> bool:
        """Processes sentences with the times at which a station received them, in seconds since 1970 (None: now).

        Returns:
            Whether they were stored; either all of them are, or none.
        """
        timed = [(sentence, time) for text, time in items for sentence in feed.splitter.feed_datagram(text)]
        return self._take(feed, timed)

    def end_period(self) -> None:
        """Writes the heartbeat of the period and starts the next one."""
        self._end_period(self.clock.read())

    def note_period(self) -> None:
        """Writes the heartbeat of the period so far, in case this process is killed."""
        now = self._read_clock()
        self.spool.note_heartbeat(self.counters.csv(now), now.utc, is_final=False)

    def _take(self, feed: Feed, sentences: Sequence[tuple[bytes, float | None]]) -> bool:
        if feed.splitter.lost:
            self.counters.lose(feed.station, feed.splitter.lost)
            feed.splitter.lost = 0
        if not sentences:
            return True
        now = self._read_clock()
        lines = [
            feed.tagger.tag(sentence, feed.station, now.utc if time is None else time)
            for sentence, time in sentences
        ]
        text = b"".join(line.text + b"\n" for line in lines)
        if not self.spool.write(text, now.utc, now.steady):
            self.refused += len(lines)
            self.counters.lose(feed.station, len(lines))
            return False
        for line in lines:
            self.counters.store(line, feed.station, now, reported_time(line.text))
        return True

    def _read_clock(self) -> Reading:
        """Reads the clock; a jump ends the part and the period, so that times go up within both."""
        now = self.clock.read()
        if now.has_jumped:
            self.spool.end_part()
            self._end_period(now)
        return now

    def _end_period(self, now: Reading) -> None:
        self.spool.note_heartbeat(self.counters.csv(now), now.utc, is_final=True)
        self.counters.begin(now)


def _untimed(sentences: Sequence[bytes]) -> list[tuple[bytes, float | None]]:
    """Pairs sentences with None: their time of reception is now."""
    return [(sentence, None) for sentence in sentences]
