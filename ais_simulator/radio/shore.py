"""Shore senders: base stations and an aid to navigation, so that files contain messages that are not of ships."""

from typing import Final

import numpy as np

from ais_indicators.units import SECONDS_PER_DAY, SECONDS_PER_HOUR
from ais_simulator.model import DayAtSea
from ais_simulator.radio.draws import Stream, ship_chances, stream_key
from ais_simulator.radio.records import (
    AID_TO_NAVIGATION,
    BASE_STATION,
    NO_COG,
    NO_HEADING,
    NO_ROT,
    NO_STATUS,
    ON_SHORE,
    POSITION,
    STEPS_PER_DEGREE,
    Records,
    start_of_day_s,
)

AID_OFF_DEGREES: Final = 0.05
"""The aid lies some kilometres from its station."""


def shore_messages(sea: DayAtSea, first_version: int, hears_everything: bool, seed: int) -> Records:
    """Returns one message per hour of each station, and of an aid to navigation next to the first one.

    Real base stations send every ten seconds; an hourly one is enough to be set aside, and keeps files small.

    Args:
        sea: The day.
        first_version: Version of the first station in the sets.
        hears_everything: Whether a station is heard in an outage too.
        seed: Seed of the seconds of sending.
    """
    stations = len(sea.stations.mmsi)
    senders = stations + min(stations, 1)
    place = np.minimum(np.arange(senders), senders - 2) if senders else np.zeros(0, np.int64)
    place[-1:] = 0
    is_aid = np.arange(senders) == stations
    second = (ship_chances(stream_key(seed, Stream.SHORE), senders) * SECONDS_PER_HOUR).astype(np.int64)
    hours = np.arange(0, SECONDS_PER_DAY, SECONDS_PER_HOUR)
    sender = np.tile(np.arange(senders), hours.size)
    records = np.zeros(sender.size, POSITION)
    records["sent_s"] = records["stamped_s"] = np.repeat(hours, senders) + second[sender]
    records["ship"] = ON_SHORE
    records["version"] = records["known_version"] = first_version + sender
    records["known_since_s"] = records["sent_s"]
    latitude = sea.stations.latitude[place] + is_aid * AID_OFF_DEGREES * np.where(
        sea.stations.latitude[place] > 0, -1.0, 1.0
    )
    records["latitude_steps"] = np.rint(latitude * STEPS_PER_DEGREE)[sender]
    records["longitude_steps"] = np.rint(sea.stations.longitude[place] * STEPS_PER_DEGREE)[sender]
    records["cog_tenths"], records["heading_degrees"] = NO_COG, NO_HEADING
    records["rot"], records["navigational_status"] = NO_ROT, NO_STATUS
    records["message_type"] = np.where(is_aid, AID_TO_NAVIGATION, BASE_STATION)[sender]
    records["station"] = place[sender]
    if hears_everything:
        return records
    return records[~_is_in_outage(records, sea)]


def _is_in_outage(records: Records, sea: DayAtSea) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    silent = np.zeros(records.size, np.bool_)
    second = records["sent_s"] + start_of_day_s(sea.day)
    for station, begin, end in zip(*(vars(sea.outages).values()), strict=True):
        silent |= (records["station"] == station) & (second >= begin) & (second < end)
    return silent
