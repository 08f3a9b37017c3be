"""Names of the stations that heard messages, from the tag blocks (`s:`) of their sentences."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ais_indicators.sources.nmea.sentences import Bytes, Sentences


class StationNames:
    """The names behind the hashes of a buffer's stations; read once for each station, not for each sentence."""

    def __init__(self, text: Bytes, sentences: Sentences) -> None:
        has_name = np.flatnonzero(sentences["station_end"] > sentences["station_start"])
        self._hashes, first = np.unique(sentences["station"][has_name], return_index=True)
        places = sentences[["station_start", "station_end"]][has_name[first]].tolist()
        self._names = pa.array([_name(text, start, end) for start, end in places], pa.string())

    def of(self, hashes: NDArray[np.int64]) -> pa.Array:
        """Returns the name for each hash, null if there is none."""
        if self._hashes.size == 0:
            return pa.nulls(hashes.size, pa.string())
        places = np.minimum(np.searchsorted(self._hashes, hashes), self._hashes.size - 1)
        return self._names.take(pa.array(places, mask=self._hashes[places] != hashes))


def _name(text: Bytes, start: int, end: int) -> str | None:
    """Returns a name without blanks around it and control characters in it; None if nothing is left."""
    letters = text[start:end].tobytes().decode("utf-8", "replace")
    return "".join(letter for letter in letters if letter.isprintable()).strip() or None
